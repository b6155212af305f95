import { randomUUID } from "node:crypto";
import { type Context } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { Service } from "../service.js";
import { trimmed } from "./chat-completions.js";
import { chatPrompt, contentSchema, splitAnswer } from "./chat-prompt.js";
import { generate, inEngineTokens, openSampler, usageOf } from "./generate.js";
import { samplingFields } from "./sampling-fields.js";

const { model, temperature, top_p, seed, stream } = samplingFields;

export const responsesSchema = z.object({
  model,
  temperature,
  top_p,
  seed,
  stream,
  input: z.union([z.string(), z.array(z.object({ role: z.string().default("user"), content: contentSchema })).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: z.number().int().min(1).nullish(),
  reasoning: z.object({ effort: z.string().nullish() }).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

/** `POST /v1/responses`, one turn; nothing is stored. The thought is an item of type `reasoning`. */
export async function responses(
  service: Service,
  c: Context,
  body: z.infer<typeof responsesSchema>,
): Promise<Response> {
  const sampler = inEngineTokens(await openSampler(service, body.model));
  const thinking = body.reasoning?.effort !== "none";
  const messages = typeof body.input === "string" ? [{ role: "user", content: body.input }] : body.input;
  const prompt = chatPrompt(sampler.engine.tokenizer, messages, thinking);
  const fields = { ...body, maxTokens: body.max_output_tokens ?? undefined, numTop: 0 };
  const [choice] = await generate(sampler, prompt, fields, c.req.raw.signal);
  const { reasoning, content, text } = splitAnswer(choice!, thinking);
  const { prompt_tokens, completion_tokens, total_tokens } = usageOf(prompt.length, [choice!]);
  const status = choice!.finishReason === "length" ? "incomplete" : "completed";

  const message = {
    type: "message",
    id: `msg_${randomUUID()}`,
    role: "assistant",
    status,
    content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
  };
  const thought = trimmed(reasoning ?? [])
    .map((piece) => piece.text)
    .join("");
  const reasoningItem = {
    type: "reasoning",
    id: `rs_${randomUUID()}`,
    summary: [],
    content: [{ type: "reasoning_text", text: thought }],
    status: "completed",
  };
  const output = reasoning ? [reasoningItem, message] : [message];
  const response = {
    id: `resp_${randomUUID()}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status,
    error: null,
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: body.model,
    output,
    parallel_tool_calls: false,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    store: false,
    temperature: body.temperature ?? 1,
    text: { format: { type: "text" } },
    tool_choice: "none",
    tools: [],
    top_p: body.top_p ?? 1,
    truncation: "disabled",
    usage: {
      input_tokens: prompt_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: completion_tokens,
      output_tokens_details: { reasoning_tokens: reasoning?.length ?? 0 },
      total_tokens,
    },
  };
  if (!body.stream) return c.json(response);

  return streamSSE(c, async (sse) => {
    let sequence = 0;
    const send = (type: string, fieldsOfEvent: object): Promise<void> =>
      sse.writeSSE({ event: type, data: JSON.stringify({ type, sequence_number: sequence++, ...fieldsOfEvent }) });
    const begun = { ...response, status: "in_progress", incomplete_details: null, output: [], usage: null };
    await send("response.created", { response: begun });
    await send("response.in_progress", { response: begun });
    const place = { item_id: message.id, output_index: output.length - 1, content_index: 0 };
    const { item_id: _, content_index: __, ...index } = place;
    if (reasoning) {
      await send("response.output_item.added", {
        output_index: 0,
        item: { ...reasoningItem, content: [], status: "in_progress" },
      });
      await send("response.output_item.done", { output_index: 0, item: reasoningItem });
    }
    await send("response.output_item.added", { ...index, item: { ...message, content: [], status: "in_progress" } });
    const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
    await send("response.content_part.added", { ...place, part });
    for (const piece of trimmed(content)) {
      await send("response.output_text.delta", { ...place, delta: piece.text, logprobs: [] });
    }
    await send("response.output_text.done", { ...place, text, logprobs: [] });
    await send("response.content_part.done", { ...place, part: { ...part, text } });
    await send("response.output_item.done", { ...index, item: message });
    await send(`response.${status}`, { response });
  });
}
