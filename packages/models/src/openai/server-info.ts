import { z } from "zod";
import type { Endpoint } from "../http/endpoint.js";
import { RequestFailure } from "../http/request-failure.js";
import type { Ending } from "../http/with-deadline.js";

/** `vllm` takes sampling fields that OpenAI's API does not have; every other server may reject them. */
export type ServerKind = "vllm" | "openai-compatible";

export interface ServedModel {
  /** What requests must name. */
  readonly id: string;
  /** The repository or folder it was loaded from, where the server says. */
  readonly root: string | undefined;
  /** Most tokens of prompt and completion together, where the server says. */
  readonly maxModelLen: number | undefined;
}

export interface ServerInfo {
  readonly kind: ServerKind;
  /** Empty: the server does not say. */
  readonly models: readonly ServedModel[];
}

const modelsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      owned_by: z.string().nullish().catch(null),
      root: z.string().nullish().catch(null),
      max_model_len: z.number().int().positive().nullish().catch(null),
    }),
  ),
});
const tokenizeSchema = z.object({ tokens: z.array(z.number()) });
const versionSchema = z.object({ version: z.string() });
const openApiSchema = z.object({
  components: z.object({
    schemas: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()).optional() })),
  }),
});

/**
 * Asks a server what it is and what it serves: `GET /models`, then `GET /version` beside `/v1`, which is vLLM's own.
 *
 * @throws RequestFailure when it is not there, refuses the key, or has no OpenAI-compatible API at this address.
 */
export async function askServerInfo(endpoint: Endpoint, ending: Ending): Promise<ServerInfo> {
  const listed = await listModels(endpoint, ending);
  const isVllm =
    listed.some(({ owned_by }) => owned_by === "vllm") ||
    (await tryRequest(endpoint, "/version", versionSchema, ending)) !== undefined;
  const models = listed.map(({ id, root, max_model_len }) => ({
    id,
    root: root ?? undefined,
    maxModelLen: max_model_len ?? undefined,
  }));
  return { kind: isVllm ? "vllm" : "openai-compatible", models };
}

/** Which of `fields` a vLLM server does not know. It would ignore them without a word. */
export async function unknownFields(
  endpoint: Endpoint,
  schemaName: "CompletionRequest" | "ChatCompletionRequest",
  fields: readonly string[],
  ending: Ending,
): Promise<string[]> {
  const description = await tryRequest(endpoint, "/openapi.json", openApiSchema, ending);
  const known = description?.components.schemas[schemaName]?.properties;
  return known ? fields.filter((field) => !Object.hasOwn(known, field)) : [];
}

/** With how many tokens equal to the first one `prompt` begins on a vLLM server; `undefined` when it does not say. */
export async function countLeadingTokens(
  endpoint: Endpoint,
  model: string,
  prompt: string,
  ending: Ending,
): Promise<number | undefined> {
  const body = { model, prompt, add_special_tokens: true };
  const tokens = (await tryRequest(endpoint, "/tokenize", tokenizeSchema, ending, body))?.tokens ?? [];
  const end = tokens.findIndex((token) => token !== tokens[0]);
  return end < 0 ? undefined : end;
}

/** `transformers serve` has an empty list, or fails: then nothing is known, and nothing is wrong. */
async function listModels(endpoint: Endpoint, ending: Ending): Promise<z.infer<typeof modelsSchema>["data"]> {
  try {
    const { json } = await endpoint.request("/models", { ending });
    return modelsSchema.safeParse(json).data?.data ?? [];
  } catch (error) {
    const isBroken = error instanceof RequestFailure && error.status === 500;
    if (isBroken) return [];
    throw error;
  }
}

/** A request beside `/v1`; `undefined` when the server has no such thing. */
async function tryRequest<T>(
  endpoint: Endpoint,
  path: string,
  schema: z.ZodType<T>,
  ending: Ending,
  body?: object,
): Promise<T | undefined> {
  try {
    const { json } = await endpoint.request(path, { ending, besideV1: true, ...(body && { body }) });
    return schema.safeParse(json).data;
  } catch (error) {
    if (error instanceof RequestFailure) return undefined;
    throw error;
  }
}
