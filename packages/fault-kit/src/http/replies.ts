/** Replies in the shape of OpenAI's API and of vLLM's. */

export interface ResponsesReplyOptions {
  readonly text?: string;
  readonly refusal?: string;
  readonly status?: string;
  readonly incompleteReason?: string;
  readonly error?: { readonly code: string; readonly message: string };
  /** `null`: none. */
  readonly usage?: { readonly input: number; readonly output: number; readonly reasoning: number } | null;
}

/** A reply of `POST /v1/responses`. */
export function responsesReply(options: ResponsesReplyOptions = {}) {
  const { text, refusal, status = "completed", incompleteReason, error } = options;
  const usage = options.usage === undefined ? { input: 30, output: 20, reasoning: 12 } : options.usage;
  const content = [
    ...(text === undefined ? [] : [{ type: "output_text", text, annotations: [], logprobs: [] }]),
    ...(refusal === undefined ? [] : [{ type: "refusal", refusal }]),
  ];
  return {
    id: "resp_1",
    object: "response",
    created_at: 1_765_000_000,
    status,
    background: false,
    error: error ?? null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    instructions: null,
    max_output_tokens: null,
    model: "gpt-5.2-2025-12-11",
    output: [
      { id: "rs_1", type: "reasoning", summary: [] },
      ...(content.length === 0
        ? []
        : [
            {
              id: "msg_1",
              type: "message",
              status: status === "incomplete" ? status : "completed",
              role: "assistant",
              content,
            },
          ]),
    ],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: "medium", summary: null },
    temperature: 1,
    text: { format: { type: "text" }, verbosity: "medium" },
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
    metadata: {},
    ...(usage && {
      usage: {
        input_tokens: usage.input,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        output_tokens: usage.output,
        output_tokens_details: { reasoning_tokens: usage.reasoning },
        total_tokens: usage.input + usage.output,
      },
    }),
  };
}

const USAGE = { prompt_tokens: 25, completion_tokens: 7, total_tokens: 32 };

/** A reply of `POST /v1/completions`. */
export function completionReply(
  text: string,
  options: { readonly finishReason?: string; readonly usage?: typeof USAGE | null } = {},
) {
  return {
    id: "cmpl-1",
    object: "text_completion",
    created: 1_765_000_000,
    model: "served-model",
    choices: [{ index: 0, text, logprobs: null, finish_reason: options.finishReason ?? "stop" }],
    ...(options.usage !== null && { usage: options.usage ?? USAGE }),
  };
}

/** A reply of `POST /v1/chat/completions`. */
export function chatReply(message: object, options: { readonly finishReason?: string } = {}) {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_765_000_000,
    model: "served-model",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: null, refusal: null, ...message },
        logprobs: null,
        finish_reason: options.finishReason ?? "stop",
      },
    ],
    usage: USAGE,
  };
}

/** A reply of `GET /v1/models` of vLLM. */
export function vllmModels(id: string, maxModelLen = 32_768, root = id) {
  const model = {
    id,
    object: "model",
    created: 1_765_000_000,
    owned_by: "vllm",
    root,
    parent: null,
    max_model_len: maxModelLen,
  };
  return { object: "list", data: [model] };
}

/** An error of OpenAI's API. */
export function errorReply(message: string, code: string | null = null, type = "invalid_request_error") {
  return { error: { message, type, param: null, code } };
}
