import { type Completion, type FinishReason, quote } from "@pka/core";
import { z } from "zod";
import { RequestFailure } from "../http/request-failure.js";

const count = z.number().int().nonnegative();
// Only what is used, and as little of it required as possible: servers differ, and a paid answer is not thrown away for its usage.
const replySchema = z.object({
  id: z.string().nullish(),
  model: z.string().nullish(),
  status: z.string().nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(
    z.object({
      type: z.string(),
      content: z
        .array(z.object({ type: z.string(), text: z.string().optional(), refusal: z.string().optional() }))
        .nullish(),
    }),
  ),
  usage: z
    .object({
      input_tokens: count,
      output_tokens: count,
      total_tokens: count,
      input_tokens_details: z.object({ cached_tokens: count }).optional().catch(undefined),
      output_tokens_details: z.object({ reasoning_tokens: count }).optional().catch(undefined),
    })
    .nullish()
    .catch(null),
});

/** A reply of the Responses API, without what only the caller knows. */
export type ParsedReply = Omit<Completion, "attempts" | "requestId">;

/** @throws RequestFailure when there is no answer in it: an unknown shape, a failed or empty response. */
export function parseResponsesReply(json: unknown): ParsedReply {
  const parsed = replySchema.safeParse(json);
  if (!parsed.success)
    throw badReply(`it is no Responses API reply (${z.prettifyError(parsed.error).replace(/\s+/g, " ")})`);
  const reply = parsed.data;
  if (reply.status === "failed" || reply.error) throw failedReply(reply.error?.code, reply.error?.message);

  const parts = reply.output.filter(({ type }) => type === "message").flatMap(({ content }) => content ?? []);
  const refusal = parts.flatMap((part) => part.refusal ?? []).join("");
  const text = parts.flatMap((part) => (part.type === "output_text" ? (part.text ?? "") : [])).join("") || refusal;
  const { usage } = reply;
  // The published result files hold such replies as answered questions of 0 tokens.
  if (text === "" && usage?.total_tokens === 0) throw badReply("it is empty: no text and no tokens");
  if (reply.status === "cancelled" || reply.status === "queued" || reply.status === "in_progress") {
    throw badReply(`its status is "${reply.status}"`);
  }
  return {
    text,
    finishReason: finishReason(reply.status, reply.incomplete_details?.reason, refusal !== ""),
    usage: usage
      ? {
          promptTokens: usage.input_tokens,
          ...(usage.input_tokens_details && { cachedPromptTokens: usage.input_tokens_details.cached_tokens }),
          completionTokens: usage.output_tokens,
          totalTokens: usage.total_tokens,
          ...(usage.output_tokens_details && { reasoningTokens: usage.output_tokens_details.reasoning_tokens }),
        }
      : {},
    numTokens: usage?.total_tokens ?? 0,
    ...(reply.model && { providerModel: reply.model }),
  };
}

function finishReason(
  status: string | null | undefined,
  reason: string | null | undefined,
  isRefusal: boolean,
): FinishReason {
  if (isRefusal || reason === "content_filter") return "refusal";
  return status === "incomplete" || reason === "max_output_tokens" ? "length" : "stop";
}

function failedReply(code: string | null | undefined, message: string | null | undefined): RequestFailure {
  const text = `the model failed: ${quote(message || code || "no reason given")}`;
  if (code === "rate_limit_exceeded") return new RequestFailure(text, { kind: "rate-limit", isRefusal: true });
  if (code?.startsWith("invalid_")) return new RequestFailure(text, { kind: "invalid-request" });
  return new RequestFailure(text, { kind: "overloaded", mayHaveRun: true });
}

function badReply(why: string): RequestFailure {
  return new RequestFailure(`the reply could not be used: ${why}`, { kind: "bad-reply", mayHaveRun: true });
}
