import { expect } from "vitest";

// Vitest starts processes of its own: they too must be of the runtime that is meant.
const runtime = process.env["PKA_RUNTIME"];
expect(process.versions, `not in ${runtime}`).toHaveProperty([runtime!]);
