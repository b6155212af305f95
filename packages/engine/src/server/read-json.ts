import { parseJson, parseWith } from "@pka/tinker/wire";
import type { Context } from "hono";
import type { z } from "zod";
import { type BodyLimits, readBody } from "./read-body.js";

/** A JSON body: its bytes, and what they say. An empty one counts as `{}`. @throws WireFormatError · ApiError of {@link readBody}. */
export async function readJson(
  c: Context,
  limits: BodyLimits,
): Promise<{ readonly bytes: Uint8Array; readonly json: unknown }> {
  const bytes = await readBody(c, limits);
  return { bytes, json: bytes.length === 0 ? {} : parseJson(new TextDecoder().decode(bytes)) };
}

/** As {@link readJson}, checked; fields that the schema does not name are dropped. @throws WireFormatError naming the field. */
export async function readChecked<T>(
  c: Context,
  schema: z.ZodType<T>,
  limits: BodyLimits,
): Promise<{ readonly bytes: Uint8Array; readonly body: T }> {
  const { bytes, json } = await readJson(c, limits);
  return { bytes, body: parseWith(schema, json, "request") };
}
