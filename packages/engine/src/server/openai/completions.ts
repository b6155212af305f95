import { type Context } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { ApiError } from "../api-error.js";
import type { Sampler } from "../run-sample.js";
import type { Service } from "../service.js";
import { generate, openSampler, type Piece, replyBase, textOf, usageOf } from "./generate.js";
import { samplingFields } from "./sampling-fields.js";

const tokensSchema = z.array(z.number().int().nonnegative());

export const completionsSchema = z.object({
  ...samplingFields,
  prompt: z.union([z.string(), z.array(z.string()).min(1), tokensSchema.min(1), z.array(tokensSchema).min(1)]),
  max_tokens: z.number().int().min(1).nullish(),
  logprobs: z.number().int().min(0).max(20).nullish(),
});

/** `POST /v1/completions`: prompts as text or token ids, continued as they stand. */
export async function completions(
  service: Service,
  c: Context,
  body: z.infer<typeof completionsSchema>,
): Promise<Response> {
  const sampler = await openSampler(service, body.model);
  const prompts = toPrompts(body.prompt, sampler);
  const fields = { ...body, maxTokens: body.max_tokens ?? 16, numTop: numTop(body.logprobs, sampler) };
  const all = await Promise.all(prompts.map((prompt) => generate(sampler, prompt, fields, c.req.raw.signal)));
  const choices = all.flat();
  const base = { ...replyBase("cmpl", body.model), object: "text_completion" };
  const numPrompt = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
  const usage = usageOf(numPrompt, choices);
  const logprobs = (pieces: readonly Piece[], offset: number) =>
    body.logprobs === null || body.logprobs === undefined ? null : logprobsOf(pieces, offset);
  if (!body.stream) {
    return c.json({
      ...base,
      choices: choices.map((choice, index) => ({
        index,
        text: textOf(choice),
        finish_reason: choice.finishReason,
        logprobs: logprobs(choice.pieces, 0),
      })),
      usage,
    });
  }
  return streamSSE(c, async (stream) => {
    const send = (chunk: object): Promise<void> => stream.writeSSE({ data: JSON.stringify({ ...base, ...chunk }) });
    for (const [index, choice] of choices.entries()) {
      let offset = 0;
      for (const piece of choice.pieces) {
        await send({
          choices: [{ index, text: piece.text, finish_reason: null, logprobs: logprobs([piece], offset) }],
        });
        offset += piece.text.length;
      }
      await send({ choices: [{ index, text: "", finish_reason: choice.finishReason, logprobs: null }] });
    }
    if (body.stream_options?.include_usage) await send({ choices: [], usage });
    await stream.writeSSE({ data: "[DONE]" });
  });
}

function numTop(logprobs: number | null | undefined, { codec }: Sampler): number {
  if (!logprobs) return 0;
  if (codec.isIdentity) return logprobs;
  throw new ApiError(400, "logprobs above 0 are not supported for a model that stands in for another one");
}

type Prompt = z.infer<typeof completionsSchema>["prompt"];

function toPrompts(prompt: Prompt, { codec }: Sampler): number[][] {
  if (typeof prompt === "string") return [codec.tokenizer.encode(prompt)];
  const isTokens = typeof prompt[0] === "number";
  const list = isTokens ? [prompt as number[]] : (prompt as (string | number[])[]);
  return list.map((item) => (typeof item === "string" ? codec.tokenizer.encode(item) : item));
}

function logprobsOf(pieces: readonly Piece[], start: number) {
  let offset = start;
  return {
    tokens: pieces.map(({ text }) => text),
    token_logprobs: pieces.map(({ logprob }) => logprob),
    top_logprobs: pieces.map(({ top }) => Object.fromEntries(top.map(({ text, logprob }) => [text, logprob]))),
    text_offset: pieces.map(({ text }) => {
      offset += text.length;
      return offset - text.length;
    }),
  };
}
