import type { FinishReason, Usage } from "@pka/core";
import { z } from "zod";
import { RequestFailure } from "../http/request-failure.js";

const count = z.number().int().nonnegative();
const usage = z
  .object({
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count.optional().catch(undefined),
    prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish().catch(null),
    completion_tokens_details: z.object({ reasoning_tokens: count.nullish() }).nullish().catch(null),
  })
  .nullish()
  .catch(null);
const finish_reason = z.string().nullish();
const textSchema = z.object({
  model: z.string().nullish(),
  choices: z.array(z.object({ text: z.string(), finish_reason })).min(1),
  usage,
});
const chatSchema = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        finish_reason,
        message: z.object({
          content: z.string().nullish(),
          // vLLM's name now and before, and that of other servers.
          reasoning: z.string().nullish(),
          reasoning_content: z.string().nullish(),
          refusal: z.string().nullish(),
        }),
      }),
    )
    .min(1),
  usage,
});

/** What both APIs say about one choice. */
export interface ParsedChoice {
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly providerModel?: string;
}

/** A reply of `/v1/completions`. @throws RequestFailure when there is no choice in it. */
export function parseTextReply(json: unknown): ParsedChoice {
  const reply = read(textSchema, json);
  const { text, finish_reason: reason } = reply.choices[0]!;
  return { text, finishReason: finishReason(reason), ...common(reply) };
}

/** A reply of `/v1/chat/completions`; `reasoning` where the server took the thinking out of the text. @throws RequestFailure as above. */
export function parseChatReply(json: unknown): ParsedChoice & { readonly reasoning: string | undefined } {
  const reply = read(chatSchema, json);
  const { message, finish_reason: reason } = reply.choices[0]!;
  return {
    text: message.content || message.refusal || "",
    reasoning: message.reasoning || message.reasoning_content || undefined,
    finishReason: message.refusal ? "refusal" : finishReason(reason),
    ...common(reply),
  };
}

function read<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw badReply(z.prettifyError(parsed.error).replace(/\s+/g, " "));
}

function common(reply: {
  model?: string | null | undefined;
  usage?: z.infer<typeof usage>;
}): Pick<ParsedChoice, "usage" | "providerModel"> {
  const cachedPromptTokens = reply.usage?.prompt_tokens_details?.cached_tokens;
  const reasoningTokens = reply.usage?.completion_tokens_details?.reasoning_tokens;
  return {
    usage: reply.usage
      ? {
          promptTokens: reply.usage.prompt_tokens,
          ...(cachedPromptTokens != null && { cachedPromptTokens }),
          completionTokens: reply.usage.completion_tokens,
          totalTokens: reply.usage.total_tokens ?? reply.usage.prompt_tokens + reply.usage.completion_tokens,
          ...(reasoningTokens != null && { reasoningTokens }),
        }
      : {},
    ...(reply.model && { providerModel: reply.model }),
  };
}

function finishReason(reason: string | null | undefined): FinishReason {
  switch (reason) {
    case "length":
      return "length";
    case "content_filter":
      return "refusal";
    case "abort":
    case "error":
      throw badReply(`the server gave up on it: finish_reason is "${reason}"`);
    default:
      return "stop";
  }
}

function badReply(why: string): RequestFailure {
  return new RequestFailure(`the reply could not be used: ${why}`, { kind: "bad-reply", mayHaveRun: true });
}
