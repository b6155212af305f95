import { temporaryFolder } from "@pka/fault-kit";
import { onTestFinished } from "vitest";
import { type RunningServer, serve, type ServeOptions } from "../server/index.js";

/** A server of its own folder, in this thread, closed with the test. */
export async function startServer(
  options: Partial<ServeOptions> = {},
): Promise<RunningServer & { readonly dataDir: string }> {
  const dataDir = options.dataDir ?? temporaryFolder();
  const server = await serve({ worker: false, ...options, dataDir });
  onTestFinished(() => server.close());
  return { ...server, dataDir };
}

/** What a request was answered. */
export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at what they expect
  readonly json: any;
}

/** One request of the Tinker API, JSON both ways. */
export async function call(
  { url }: Pick<RunningServer, "url">,
  path: string,
  body?: object | string | Uint8Array<ArrayBuffer>,
  init: RequestInit = {},
): Promise<Answer> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(`${url}/api/v1${path}`, {
    method: body === undefined ? "GET" : "POST",
    ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
    ...init,
    headers: { "content-type": "application/json", ...(init.headers as Record<string, string>) },
  });
  const text = await response.text();
  return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
}

/** Poll until the result is there. */
export async function result(server: Pick<RunningServer, "url">, submitted: Answer): Promise<Answer["json"]> {
  if (submitted.status !== 200) throw new Error(`${submitted.status} ${JSON.stringify(submitted.json)}`);
  for (;;) {
    const answer = await call(server, "/retrieve_future", { request_id: submitted.json.request_id });
    if (answer.status !== 408) return answer.json;
  }
}

/** A session with one model in it. */
export async function startModel(
  server: Pick<RunningServer, "url">,
  model: object = {},
): Promise<{ readonly sessionId: string; readonly modelId: string }> {
  const { json } = await call(server, "/create_session", { tags: [] });
  const sessionId: string = json.session_id;
  const lora_config = { rank: 4, seed: 1 };
  const created = { session_id: sessionId, model_seq_id: 0, base_model: "tiny-base", lora_config, ...model };
  const { model_id: modelId, error } = await result(server, await call(server, "/create_model", created));
  if (error) throw new Error(error);
  return { sessionId, modelId };
}

/** A JSON body of `/forward_backward` with one datum: after each of `tokens`, the next. */
export function pass(
  modelId: string,
  seqId: number | undefined,
  tokens: readonly number[] = [261, 300, 301, 260],
  inputs: object = {},
) {
  const data = tokens.slice(1);
  return {
    model_id: modelId,
    ...(seqId !== undefined && { seq_id: seqId }),
    forward_backward_input: {
      loss_fn: "cross_entropy",
      data: [
        {
          model_input: { chunks: [{ type: "encoded_text", tokens: tokens.slice(0, -1) }] },
          loss_fn_inputs: { target_tokens: { data, dtype: "int64", shape: [data.length] }, ...inputs },
        },
      ],
    },
  };
}

export function step(modelId: string, seqId: number, learningRate = 1e-2) {
  return { model_id: modelId, seq_id: seqId, adam_params: { learning_rate: learningRate }, type: "optim_step" };
}
