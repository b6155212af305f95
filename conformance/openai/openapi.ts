import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

type Schema = Readonly<Record<string, unknown>>;

/** OpenAI's OpenAPI description, ready to check bodies against. */
export interface OpenApi {
  readonly version: string;
  /** What is wrong with `body` by the named schema, `[]` when nothing is. Keys that the schema does not know are no fault to it. */
  faults(schemaName: string, body: unknown): string[];
  /** Paths of the keys in `body` that the named schema does not know. */
  unknownKeys(schemaName: string, body: unknown): string[];
}

/** Reads `openapi.json` of the repository openai/openai-openapi. */
export function readOpenApi(file: string): OpenApi {
  const description = JSON.parse(readFileSync(file, "utf8"), (_, value: unknown) =>
    // OpenAPI 3.0's `nullable` is left over in some places that have no `type`, which Ajv does not take.
    isRecord(value) && "nullable" in value && !("type" in value) ? without(value, "nullable") : value,
  ) as Schema;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, discriminator: false });
  ajv.addSchema({ $id: "openai", ...description });
  const validators = new Map<string, ValidateFunction>();
  const resolve = (pointer: string): unknown =>
    pointer
      .replace("#/", "")
      .split("/")
      .reduce((value: unknown, key) => (isRecord(value) ? value[key] : undefined), description);
  const pointerTo = (schemaName: string) => `#/components/schemas/${schemaName}`;

  return {
    version: String((description["info"] as Schema)["version"]),
    faults(schemaName, body) {
      const validate = validators.get(schemaName) ?? ajv.compile({ $ref: `openai${pointerTo(schemaName)}` });
      validators.set(schemaName, validate);
      if (validate(body)) return [];
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    },
    unknownKeys: (schemaName, body) => unknownKeys([{ $ref: pointerTo(schemaName) }], body, "", resolve),
  };
}

/** A key is known when any of the schemas that could apply has it. */
function unknownKeys(
  schemas: readonly unknown[],
  value: unknown,
  path: string,
  resolve: (pointer: string) => unknown,
): string[] {
  const branches = schemas.flatMap((schema) => expand(schema, resolve, new Set()));
  if (Array.isArray(value)) {
    const items = branches.flatMap((branch) => branch["items"] ?? []);
    return value.flatMap((item, i) => unknownKeys(items, item, `${path}/${i}`, resolve));
  }
  if (!isRecord(value)) return [];
  const isFree = branches.some(
    (branch) => isRecord(branch["additionalProperties"]) || branch["additionalProperties"] === true,
  );
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = branches.flatMap((branch) => {
      const properties = branch["properties"];
      return isRecord(properties) && Object.hasOwn(properties, key) ? [properties[key]] : [];
    });
    if (known.length > 0) return unknownKeys(known, inner, `${path}/${key}`, resolve);
    return isFree ? [] : [`${path}/${key}`];
  });
}

/** A schema and all it is composed of. */
function expand(schema: unknown, resolve: (pointer: string) => unknown, seen: Set<unknown>): Schema[] {
  if (!isRecord(schema) || seen.has(schema)) return [];
  seen.add(schema);
  const target = typeof schema["$ref"] === "string" ? [resolve(schema["$ref"])] : [];
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((key) =>
    Array.isArray(schema[key]) ? (schema[key] as unknown[]) : [],
  );
  return [schema, ...[...target, ...parts].flatMap((part) => expand(part, resolve, seen))];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function without(record: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
