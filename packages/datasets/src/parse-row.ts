import { z } from "zod";
import { DatasetRowError } from "./errors.js";

/** A row as its file holds it, not yet checked. */
export interface SourceRow {
  readonly value: unknown;
  readonly file: string;
  /** 1-based. */
  readonly row: number;
}

/** Text with something to read in it. */
export const nonBlank = z.string().regex(/\S/, "is blank");

/** The row as `schema` describes it. @throws DatasetRowError naming file, row and field. */
export function parseRow<T>({ value, file, row }: SourceRow, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = issue.path.length > 0 ? fieldName(issue.path) : undefined;
  throw new DatasetRowError({ file, row, field }, describe(issue, valueAt(value, issue.path)));
}

function describe(issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code !== "invalid_type") return issue.message;
  // Where a parquet string is not UTF-8, its bytes stand in for it.
  if (found instanceof Uint8Array) return "is not valid UTF-8";
  return found === undefined ? "is missing" : `should be ${article(issue.expected)}, not ${typeName(found)}`;
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === "number" ? `[${key}]` : `${i > 0 ? "." : ""}${String(key)}`)).join("");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return article(Array.isArray(value) ? "array" : typeof value);
}

function article(noun: string): string {
  return `${/^[aeio]/.test(noun) ? "an" : "a"} ${noun}`;
}
