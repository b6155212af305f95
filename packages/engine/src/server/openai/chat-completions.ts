import { type Context } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { Service } from "../service.js";
import { chatPrompt, messageSchema, splitAnswer } from "./chat-prompt.js";
import { type Choice, generate, inEngineTokens, openSampler, type Piece, replyBase, usageOf } from "./generate.js";
import { samplingFields } from "./sampling-fields.js";

export const chatSchema = z.object({
  ...samplingFields,
  messages: z.array(messageSchema).min(1),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  reasoning_effort: z.string().nullish(),
  chat_template_kwargs: z.object({ enable_thinking: z.boolean().nullish() }).nullish(),
});

/** `POST /v1/chat/completions`. The thought is the message's `reasoning_content`. */
export async function chatCompletions(
  service: Service,
  c: Context,
  body: z.infer<typeof chatSchema>,
): Promise<Response> {
  const sampler = inEngineTokens(await openSampler(service, body.model));
  const thinking = body.reasoning_effort !== "none" && body.chat_template_kwargs?.enable_thinking !== false;
  const prompt = chatPrompt(sampler.engine.tokenizer, body.messages, thinking);
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? undefined;
  const fields = { ...body, maxTokens, numTop: body.logprobs ? (body.top_logprobs ?? 0) : 0 };
  const choices = await generate(sampler, prompt, fields, c.req.raw.signal);
  const base = replyBase("chatcmpl", body.model);
  const usage = withReasoning(usageOf(prompt.length, choices), choices, thinking);
  const logprobs = (pieces: readonly Piece[]) =>
    body.logprobs ? { content: pieces.map(logprobOf), refusal: null } : null;
  if (!body.stream) {
    return c.json({
      ...base,
      object: "chat.completion",
      choices: choices.map((choice, index) => {
        const { reasoning, content, text } = splitAnswer(choice, thinking);
        const thought = reasoning && { reasoning_content: joined(reasoning).trim() };
        return {
          index,
          message: { role: "assistant", content: text, refusal: null, ...thought },
          finish_reason: choice.finishReason,
          logprobs: logprobs(content),
        };
      }),
      usage,
    });
  }
  return streamSSE(c, async (stream) => {
    const chunk = { ...base, object: "chat.completion.chunk" };
    const send = (part: object): Promise<void> => stream.writeSSE({ data: JSON.stringify({ ...chunk, ...part }) });
    const delta = (index: number, content: object, pieces: readonly Piece[] = []) =>
      send({
        choices: [
          { index, delta: content, finish_reason: null, logprobs: pieces.length > 0 ? logprobs(pieces) : null },
        ],
      });
    for (const [index, choice] of choices.entries()) {
      const { reasoning = [], content } = splitAnswer(choice, thinking);
      await delta(index, { role: "assistant", content: "" });
      for (const { text } of trimmed(reasoning)) await delta(index, { reasoning_content: text });
      for (const piece of trimmed(content)) await delta(index, { content: piece.text }, [piece]);
      await send({ choices: [{ index, delta: {}, finish_reason: choice.finishReason, logprobs: null }] });
    }
    if (body.stream_options?.include_usage) await send({ choices: [], usage });
    await stream.writeSSE({ data: "[DONE]" });
  });
}

function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join("");
}

/** The pieces of the trimmed text. */
export function trimmed(pieces: readonly Piece[]): Piece[] {
  const text = joined(pieces);
  const [start, end] = [text.length - text.trimStart().length, text.trimEnd().length];
  let offset = 0;
  return pieces
    .map((piece) => {
      const from = offset;
      offset += piece.text.length;
      return { ...piece, text: piece.text.slice(Math.max(0, start - from), Math.max(0, end - from)) };
    })
    .filter((piece) => piece.text !== "");
}

function logprobOf({ text, logprob, top }: Piece) {
  const cell = (token: string, value: number) => ({ token, logprob: value, bytes: [...Buffer.from(token)] });
  return { ...cell(text, logprob), top_logprobs: top.map((other) => cell(other.text, other.logprob)) };
}

function withReasoning(usage: ReturnType<typeof usageOf>, choices: readonly Choice[], thinking: boolean) {
  const count = choices.reduce((sum, choice) => sum + (splitAnswer(choice, thinking).reasoning?.length ?? 0), 0);
  return { ...usage, completion_tokens_details: { reasoning_tokens: count } };
}
