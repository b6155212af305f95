// What replies say, read from the APIs' descriptions with nothing of ours. `undefined`: there is no answer in it.

/** An answer as a caller should get it. */
export interface Reading {
  readonly text: string;
  readonly finishReason: "stop" | "length" | "refusal";
  /** 0 where the reply does not say. */
  readonly numTokens: number;
}

// oxlint-disable-next-line typescript/no-explicit-any -- whatever came
type Any = any;

function parse(body: Buffer): Any {
  try {
    // A reader may pass over a byte order mark (RFC 8259, section 8.1).
    return JSON.parse(body.toString("utf8").replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export function readResponses(body: Buffer): Reading | undefined {
  const reply = parse(body);
  if (!Array.isArray(reply?.output)) return undefined;
  const parts: Any[] = [];
  for (const item of reply.output) if (item?.type === "message") parts.push(...(item.content ?? []));
  const refusal = parts.map((part) => part.refusal ?? "").join("");
  let text = "";
  for (const part of parts) if (part.type === "output_text") text += part.text ?? "";
  const { input_tokens: input, output_tokens: output, total_tokens: total } = reply.usage ?? {};
  const numTokens = isCount(input) && isCount(output) && isCount(total) ? total : 0;
  const reason = reply.incomplete_details?.reason;
  if (reply.error || ["failed", "cancelled", "queued", "in_progress"].includes(reply.status)) return undefined;
  if (refusal !== "" || reason === "content_filter")
    return { text: text || refusal, finishReason: "refusal", numTokens };
  const isCut = reply.status === "incomplete" || reason === "max_output_tokens";
  return { text, finishReason: isCut ? "length" : "stop", numTokens };
}

function finishReasonOf(reason: unknown): Reading["finishReason"] | undefined {
  if (reason === "abort" || reason === "error") return undefined;
  if (reason === "content_filter") return "refusal";
  return reason === "length" ? "length" : "stop";
}

function completionTokensOf({ usage }: Any): number {
  return isCount(usage?.prompt_tokens) && isCount(usage?.completion_tokens) ? usage.completion_tokens : 0;
}

export function readCompletion(body: Buffer): Reading | undefined {
  const reply = parse(body);
  const choice = reply?.choices?.[0];
  const finishReason = finishReasonOf(choice?.finish_reason);
  if (typeof choice?.text !== "string" || !finishReason) return undefined;
  return { text: choice.text, finishReason, numTokens: completionTokensOf(reply) };
}

export function readChat(body: Buffer): Reading | undefined {
  const reply = parse(body);
  const choice = reply?.choices?.[0];
  const message = choice?.message;
  const finishReason = message?.refusal ? "refusal" : finishReasonOf(choice?.finish_reason);
  if (typeof message !== "object" || message === null || !finishReason) return undefined;
  const content = message.content || message.refusal || "";
  const reasoning = message.reasoning || message.reasoning_content;
  // The thinking stands in front of the answer, between tags; an answer that never came leaves them open.
  const thinking = reasoning ? `<think>${reasoning}${content === "" ? "" : "</think>"}` : "";
  return { text: thinking + content, finishReason, numTokens: completionTokensOf(reply) };
}

/** Sequences of `POST /asample`. */
export function readSamples(
  body: Buffer,
): { tokens: number[]; logprobs: number[]; stopReason: "stop" | "length" }[] | undefined {
  const reply = parse(body);
  if (!Array.isArray(reply?.sequences)) return undefined;
  return reply.sequences.map((sequence: Any) => ({
    tokens: sequence.tokens,
    logprobs: (sequence.logprobs ?? []).map(Math.fround),
    stopReason: sequence.stop_reason,
  }));
}
