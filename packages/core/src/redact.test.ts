import { describe, expect, it } from "vitest";
import { redact } from "./redact.js";

const SECRET = "sk-ä/+?key";

describe("redact", () => {
  it.each([
    ["as it is", SECRET],
    ["URL-encoded", encodeURIComponent(SECRET)],
    ["in base64", Buffer.from(SECRET).toString("base64")],
    ["as a bearer token in base64", Buffer.from(`Bearer ${SECRET}`).toString("base64").replace(/=+$/, "")],
  ])("removes a secret %s", (_, form) => {
    expect(redact(`before ${form} after ${form}`, [SECRET])).toMatch(/^before \[redacted\]=* after \[redacted\]=*$/);
  });

  it("leaves other text, and takes no empty secret", () => {
    expect(redact("plain", ["", "other"])).toBe("plain");
  });
});
