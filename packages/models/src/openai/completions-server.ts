import { type Completion, type Logger, ModelError, UsageError } from "@pka/core";
import type { Endpoint } from "../http/endpoint.js";
import { RequestFailure } from "../http/request-failure.js";
import type { Requester } from "../http/requester.js";
import type { Ending } from "../http/with-deadline.js";
import { askServerInfo, type ServedModel, type ServerInfo, type ServerKind } from "./server-info.js";

/** What came of one request to {@link CompletionsServer}. */
export type Replied<T> = T & Pick<Completion, "attempts" | "possiblyBilled" | "requestId">;

/** One or more equal OpenAI-compatible servers that serve the wanted model. */
export interface CompletionsServer {
  readonly kind: ServerKind;
  /** Most tokens of prompt and completion together, where the servers say. */
  readonly maxModelLen: number | undefined;
  /**
   * Sends `fields` and the model's name; `parse` reads the reply and throws `RequestFailure` when it cannot.
   * A server whose connection was lost is first asked whether it still serves what it served before.
   * @throws ModelError, also when it does not.
   */
  post<T extends object>(
    path: string,
    fields: object,
    parse: (json: unknown) => T,
    signal?: AbortSignal,
  ): Promise<Replied<T>>;
  /** The first server, for questions about tokens. */
  readonly first: { readonly endpoint: Endpoint; readonly modelName: string };
}

/**
 * Asks every server what it is and whether it serves `model`.
 *
 * @throws ModelError when one is not there, refuses the key or serves something else.
 * @throws UsageError when they are of different kinds.
 */
export async function findCompletionsServer(
  requester: Requester,
  model: string,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal | undefined },
): Promise<CompletionsServer> {
  const { endpoints } = requester;
  const infos = await Promise.all(endpoints.map((endpoint) => requester.askOnce(endpoint, askServerInfo, signal)));
  const kinds = new Set(infos.map(({ kind }) => kind));
  if (kinds.size > 1) {
    const list = endpoints.map(({ baseUrl }, i) => `${baseUrl} (${infos[i]!.kind})`).join(", ");
    throw new UsageError(`the servers are of different kinds and would sample differently: ${list}`);
  }
  const served = endpoints.map((endpoint, i) => chooseServed(endpoint, infos[i]!, model, logger));
  const nameOf = new Map(endpoints.map((endpoint, i) => [endpoint, served[i]!.id]));
  const lengths = served.flatMap(({ maxModelLen }) => maxModelLen ?? []);
  const mayHaveChanged = new Set<Endpoint>();

  return {
    kind: infos[0]!.kind,
    maxModelLen: lengths.length > 0 ? Math.min(...lengths) : undefined,
    first: { endpoint: endpoints[0]!, modelName: served[0]!.id },
    async post(path, fields, parse, sendSignal) {
      const { value, attempts, possiblyBilled } = await requester.send(async (endpoint, ending) => {
        if (mayHaveChanged.has(endpoint)) {
          checkSame(endpoint, served[endpoints.indexOf(endpoint)]!, await askAgain(endpoint, ending));
          mayHaveChanged.delete(endpoint);
        }
        const body = { model: nameOf.get(endpoint), ...fields };
        try {
          const { json, requestId } = await endpoint.request(path, { body, ending });
          return { ...parse(json), ...(requestId !== undefined && { requestId }) };
        } catch (error) {
          if (error instanceof RequestFailure && error.kind === "connection") mayHaveChanged.add(endpoint);
          throw error;
        }
      }, sendSignal);
      return { ...value, attempts, ...(possiblyBilled > 0 && { possiblyBilled }) };
    },
  };
}

/** The name under which a server knows `model`: itself, or the only one that was loaded from a folder of its name. */
function chooseServed(endpoint: Endpoint, { models }: ServerInfo, model: string, logger: Logger): ServedModel {
  if (models.length === 0) return { id: model, root: undefined, maxModelLen: undefined };
  const exact = models.find(({ id }) => id === model);
  if (exact) return exact;
  const alike = models.filter(({ id, root }) => [id, root ?? ""].some((name) => lastPart(name) === lastPart(model)));
  if (alike.length === 1) {
    logger.info(`${endpoint.baseUrl} serves ${model} as "${alike[0]!.id}"`);
    return alike[0]!;
  }
  const list = models.map(({ id }) => id).join(", ");
  const advice = `start one with "vllm serve ${model}", or ask for what it serves with --model "vllm:${models[0]!.id}"`;
  throw new ModelError(endpoint.redact(`${endpoint.baseUrl} does not serve ${model}, but ${list}: ${advice}`), {
    kind: "not-found",
  });
}

async function askAgain(endpoint: Endpoint, ending: Ending): Promise<ServerInfo> {
  try {
    return await askServerInfo(endpoint, ending);
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    const { kind, status, isRefusal, retryAfterMs } = error;
    // Whatever became of it, nothing was sampled.
    throw new RequestFailure(error.message, { kind, status, isRefusal, retryAfterMs, mayHaveRun: false });
  }
}

/** A server that was restarted may have come back with other weights under the same name, or with another context length. */
function checkSame(endpoint: Endpoint, before: ServedModel, { models }: ServerInfo): void {
  const now = models.find(({ id }) => id === before.id);
  const differs = (["root", "maxModelLen"] as const).find((field) => now?.[field] !== before[field]);
  if (now === undefined || differs === undefined) return;
  const what = differs === "root" ? "weights" : "context length";
  const message =
    `${endpoint.baseUrl} came back with another ${what}: ${now[differs] ?? "unknown"}, before ${before[differs] ?? "unknown"}. ` +
    `Start it as it was, or begin a run of its own for the other one`;
  throw new ModelError(endpoint.redact(message), { kind: "not-found" });
}

function lastPart(name: string): string | undefined {
  return name
    .split(/[/\\]/)
    .findLast((part) => part !== "")
    ?.toLowerCase();
}
