import { type Ask, type Completion, type Logger, type Model, ModelError, silentLogger, UsageError } from "@pka/core";
import { askByChat, chatFields } from "./ask-by-chat.js";
import { askByPrompt, PROMPT_FORMATS, promptFields, renderPrompt } from "./ask-by-prompt.js";
import { type CompletionsServer, findCompletionsServer } from "./completions-server.js";
import { defineModel } from "../define-model.js";
import { PROMPT_VERSION } from "../paper-prompts.js";
import { Requester, type RequestOptions } from "../http/requester.js";
import { countLeadingTokens, unknownFields } from "./server-info.js";

/** How prompts are made: here, in the paper's words for Olmo or R1, or by the server with the model's chat template. */
export type CompletionsRenderer = "olmo" | "r1" | "chat";

/** Options of {@link completionsModel}. */
export interface CompletionsOptions extends RequestOptions {
  /** Default `vllm:<model>`. */
  readonly id?: string | undefined;
  /** The model's part of result file names. */
  readonly fileName: string;
  /** The id that the server serves, such as `allenai/Olmo-3-7B-Think`. */
  readonly model: string;
  /** Such as `http://127.0.0.1:8000/v1`. Several equal servers share the questions. */
  readonly baseUrls: readonly string[];
  readonly apiKey?: string | undefined;
  /** Default `chat`. */
  readonly renderer?: CompletionsRenderer | undefined;
  /** Most tokens of a completion. Default: the paper's limits for Olmo and R1, 4096 for `chat`. */
  readonly maxTokens?: number | undefined;
  /** What to do about a missing or wrong key. Names where it comes from, never the key itself. */
  readonly keyHint?: string | undefined;
  /** How to get a server, said when none answers. */
  readonly serverHint?: string | undefined;
  /** Stops the creation. */
  readonly signal?: AbortSignal | undefined;
}

/** Of a completion, where the server renders the prompt. */
export const CHAT_MAX_TOKENS = 4096;
/** Any valid values: only the names of the fields are looked at. */
const SAMPLE: Omit<Ask, "task" | "question" | "cues"> = {
  thinking: false,
  sampling: { temperature: 1, topP: 1 },
  seed: 0,
};

/**
 * A model behind one or more OpenAI-compatible servers. Asks them at once what they are and what they serve, so that a wrong
 * address, key or model shows before the first question.
 *
 * On vLLM every sampling field is pinned. Other servers get OpenAI's standard fields only, and a warning is logged.
 * `numTokens` is the completion's tokens, of both passes where there are two; 0, with a warning, where no usage is sent.
 *
 * @throws UsageError for a bad option · ModelError when a server is not there or does not serve the model.
 */
export async function completionsModel(options: CompletionsOptions): Promise<Model> {
  const { model, renderer = "chat", maxTokens, logger = silentLogger, signal } = options;
  if (maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && maxTokens >= 1)) {
    throw new UsageError(`maxTokens must be a whole number of at least 1, not ${maxTokens}`);
  }
  const requester = new Requester(
    {
      baseUrls: options.baseUrls,
      apiKey: options.apiKey,
      keyHint: options.keyHint ?? "see the `apiKey` option",
      serverHint: options.serverHint ?? `start one with "vllm serve ${model}", or change the base URL`,
    },
    options,
  );
  try {
    const server = await findCompletionsServer(requester, model, { logger, signal });
    if (server.kind === "vllm") await checkFields(requester, server, renderer, signal);
    else {
      const what = "top_k, min_p and the penalties stay as the server has them, and special tokens too";
      logger.warn(`${requester.endpoints[0]!.baseUrl} is not vLLM: ${what}`);
    }
    if (server.kind === "vllm" && renderer === "r1") await checkDoubleBos(requester, server, logger, signal);
    return build(server);
  } catch (error) {
    await requester.close();
    throw error;
  }

  function build(server: CompletionsServer): Model {
    const format = renderer === "chat" ? undefined : withMaxTokens(renderer, maxTokens);
    const limits = format?.maxTokens ?? {
      thinking: maxTokens ?? CHAT_MAX_TOKENS,
      noThinking: maxTokens ?? CHAT_MAX_TOKENS,
    };
    let hasWarned = false;

    return defineModel({
      id: options.id ?? `vllm:${model}`,
      fileName: options.fileName,
      // A chat template can only be told not to think through a field of vLLM's.
      thinkingModes: format || server.kind === "vllm" ? [true, false] : [true],
      settings: {
        api: format ? "completions" : "chat",
        model,
        server: server.kind,
        renderer,
        maxTokensThinking: limits.thinking,
        maxTokensNoThinking: limits.noThinking,
        maxTokensForced: format?.maxTokens.forced ?? null,
        promptVersion: PROMPT_VERSION,
      },
      extraction: ({ task, thinking }) => (format && task === "qa" && !thinking ? "before-close-tag" : "answer-tags"),

      async generate(ask, { signal: askSignal } = {}): Promise<Completion> {
        checkFits(server, ask.thinking ? limits.thinking : limits.noThinking);
        const completion = format
          ? await askByPrompt(server, format, ask, askSignal)
          : await askByChat(server, limits.thinking, ask, askSignal);
        if (completion.usage.completionTokens === undefined && !hasWarned) {
          hasWarned = true;
          logger.warn(`${requester.endpoints[0]!.baseUrl} does not say how many tokens were used: num_tokens is 0`);
        }
        return completion;
      },

      close: () => requester.close(),
    });
  }
}

function withMaxTokens(renderer: "olmo" | "r1", maxTokens: number | undefined): (typeof PROMPT_FORMATS)["olmo"] {
  const format = PROMPT_FORMATS[renderer];
  if (maxTokens === undefined) return format;
  return { ...format, maxTokens: { ...format.maxTokens, thinking: maxTokens, noThinking: maxTokens } };
}

/** @throws UsageError when no question at all can fit beside the completion. */
function checkFits({ maxModelLen }: CompletionsServer, maxTokens: number): void {
  if (maxModelLen === undefined || maxTokens < maxModelLen) return;
  throw new UsageError(
    `the server holds ${maxModelLen} tokens of question and answer together, but the answer alone may take ${maxTokens}: ` +
      `start vLLM with a larger --max-model-len`,
  );
}

/** vLLM ignores fields it does not know, which would change the experiment without a word. */
async function checkFields(
  requester: Requester,
  server: CompletionsServer,
  renderer: CompletionsRenderer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const fields = renderer === "chat" ? chatFields(server, SAMPLE, 1) : promptFields(server, SAMPLE, 1);
  const schemaName = renderer === "chat" ? "ChatCompletionRequest" : "CompletionRequest";
  const { endpoint } = server.first;
  const unknown = await requester.askOnce(
    endpoint,
    (_, ending) => unknownFields(endpoint, schemaName, Object.keys(fields), ending),
    signal,
  );
  if (unknown.length === 0) return;
  const message = `${endpoint.baseUrl} does not know ${unknown.join(", ")} and would ignore it: use a newer vLLM`;
  throw new ModelError(message, { kind: "invalid-request" });
}

/** The paper's R1 prompts begin with two BOS tokens when thinking. Says whether this server's do. */
async function checkDoubleBos(
  requester: Requester,
  { first }: CompletionsServer,
  logger: Logger,
  signal: AbortSignal | undefined,
): Promise<void> {
  const prompt = renderPrompt(PROMPT_FORMATS.r1, { task: "qa", question: "?", cues: false, thinking: true });
  const numBos = await requester.askOnce(
    first.endpoint,
    (endpoint, ending) => countLeadingTokens(endpoint, first.modelName, prompt, ending),
    signal,
  );
  const message = `R1's thinking prompts begin with ${numBos} BOS token${numBos === 1 ? "" : "s"}`;
  if (numBos === undefined) logger.info("the server does not show how many BOS tokens R1's prompts begin with");
  else if (numBos === 2) logger.info(`${message}, as in the paper's runs`);
  else logger.warn(`${message}, not with 2 as in the paper's runs`);
}
