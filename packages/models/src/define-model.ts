import { type Model, UsageError } from "@pka/core";

/**
 * Checks that `model` keeps what {@link Model} promises, and returns it. For providers of your own, written as a plain object.
 *
 * @throws UsageError naming the field that does not.
 */
export function defineModel<M extends Model>(model: M): M {
  const { id, fileName, thinkingModes, settings } = model;
  const fail = (field: string, expected: string): never => {
    throw new UsageError(`model ${JSON.stringify(id)}: ${field} must be ${expected}`);
  };
  if (typeof id !== "string" || id.trim() === "" || /\p{Cc}/u.test(id))
    fail("id", "a string with no control characters");
  if (typeof fileName !== "string" || !/^[A-Za-z0-9._-]+$/.test(fileName)) {
    fail("fileName", "letters, digits, dots, underscores and hyphens, at least one");
  }
  if (
    !Array.isArray(thinkingModes) ||
    thinkingModes.length === 0 ||
    new Set(thinkingModes).size < thinkingModes.length
  ) {
    fail("thinkingModes", "[true], [false] or both");
  }
  for (const [name, value] of Object.entries(settings)) {
    if (value !== null && !["string", "number", "boolean"].includes(typeof value)) {
      fail(`settings.${name}`, "a string, a number, a boolean or null");
    }
    // JSON, and so the condition hash, has no NaN and no Infinity.
    if (typeof value === "number" && !Number.isFinite(value)) fail(`settings.${name}`, "a finite number");
  }
  if (typeof model.generate !== "function") fail("generate", "a function");
  if (typeof model.extraction !== "function") fail("extraction", "a function");
  return model;
}
