import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { startServer } from "../../testing/start-server.js";

// OpenAI's own client reads everything here.

const QUESTION = "Where does Welmira live?";
const MESSAGES = [
  { role: "system" as const, content: "Answer." },
  { role: "user" as const, content: QUESTION },
];

async function connect(): Promise<OpenAI> {
  const { url } = await startServer({ apiKey: "tml-test" });
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: "tml-test", maxRetries: 0 });
}

test("models are listed, and found by name", async () => {
  const client = await connect();
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["tiny", "tiny-base"]);
  expect(await client.models.retrieve("tiny")).toMatchObject({ id: "tiny", owned_by: "pka" });
  await expect(client.models.retrieve("none")).rejects.toMatchObject({ status: 404 });
});

describe("completions", () => {
  test("continue text and token ids, several at a time, until a stop string", async () => {
    const client = await connect();
    const ask = { model: "tiny", temperature: 0, max_tokens: 40 };
    const one = await client.completions.create({ ...ask, prompt: ` ${QUESTION}<think></think>` });
    expect(one.choices[0]!.text).toMatch(/^<answer> \w+<\/answer>$/);
    expect(one.choices[0]!.finish_reason).toBe("stop");
    const cut = await client.completions.create({ ...ask, prompt: ` ${QUESTION}<think></think>`, stop: "</ans" });
    expect(cut.choices[0]!.text).toBe(one.choices[0]!.text.replace("</answer>", ""));
    const short = await client.completions.create({ ...ask, prompt: ` ${QUESTION}<think></think>`, max_tokens: 1 });
    expect(short.choices[0]).toMatchObject({ text: "<answer>", finish_reason: "length" });
    expect(short.usage).toMatchObject({ completion_tokens: 1 });
    const many = await client.completions.create({
      ...ask,
      prompt: [[261, 262], [263]],
      n: 2,
      temperature: 1,
      seed: 1,
    });
    expect(many.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(many.usage).toMatchObject({ prompt_tokens: 3 });
    const again = await client.completions.create({
      ...ask,
      prompt: [[261, 262], [263]],
      n: 2,
      temperature: 1,
      seed: 1,
    });
    expect(again.choices).toEqual(many.choices);
  });

  test("stream what they would give whole, with logprobs", async () => {
    const client = await connect();
    const ask = { model: "tiny", prompt: ` ${QUESTION}<think>`, temperature: 0, max_tokens: 40, logprobs: 2 };
    const whole = (await client.completions.create(ask)).choices[0]!;
    const { tokens, token_logprobs, top_logprobs, text_offset } = whole.logprobs!;
    expect(tokens!.join("")).toBe(whole.text);
    expect(text_offset![2]).toBe(tokens![0]!.length + tokens![1]!.length);
    for (const [i, top] of top_logprobs!.entries()) {
      expect(Object.keys(top)).toHaveLength(2);
      // A greedy draw is the likeliest token.
      expect(Math.max(...Object.values(top))).toBeCloseTo(token_logprobs![i]!, 4);
    }
    let text = "";
    let usage;
    let reason;
    const stream = await client.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? "";
      reason = chunk.choices[0]?.finish_reason ?? reason;
      usage = chunk.usage ?? usage;
    }
    expect([text, reason]).toEqual([whole.text, "stop"]);
    expect(usage).toMatchObject({ completion_tokens: tokens!.length + 1 });
  });
});

describe("chat completions", () => {
  test("hold the thought apart, and can do without", async () => {
    const client = await connect();
    const ask = { model: "tiny", messages: MESSAGES, temperature: 0 };
    const { choices, usage } = await client.chat.completions.create(ask);
    expect(choices[0]!.message).toMatchObject({
      role: "assistant",
      content: expect.stringMatching(/^<answer> \w+<\/answer>$/),
      reasoning_content: expect.stringMatching(/\w/),
    });
    expect(usage!.completion_tokens_details!.reasoning_tokens).toBeGreaterThan(0);
    const plain = await client.chat.completions.create({
      ...ask,
      reasoning_effort: "none",
      logprobs: true,
      top_logprobs: 1,
    });
    expect(plain.choices[0]!.message).not.toHaveProperty("reasoning_content");
    expect(plain.choices[0]!.logprobs!.content!.map(({ token }) => token).join("")).toBe(
      plain.choices[0]!.message.content,
    );
    expect(plain.choices[0]!.logprobs!.content![0]!.top_logprobs).toHaveLength(1);
  });

  test("stream", async () => {
    const client = await connect();
    const ask = { model: "tiny", messages: MESSAGES, temperature: 1, seed: 7, n: 2 };
    const whole = await client.chat.completions.create(ask);
    const texts = ["", ""];
    for await (const { choices } of await client.chat.completions.create({ ...ask, stream: true })) {
      for (const { index, delta } of choices) texts[index] += delta.content ?? "";
    }
    expect(texts).toEqual(whole.choices.map(({ message }) => message.content));
  });
});

describe("responses", () => {
  test("answer, with the thought as an item of its own", async () => {
    const client = await connect();
    const response = await client.responses.create({ model: "tiny", input: QUESTION, temperature: 0 });
    expect(response).toMatchObject({ status: "completed", error: null });
    expect(response.output_text).toMatch(/^<answer> \w+<\/answer>$/);
    expect(response.output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
    expect(response.usage!.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
    const cut = await client.responses.create({ model: "tiny", input: MESSAGES, temperature: 0, max_output_tokens: 2 });
    expect(cut).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    const plain = await client.responses.create({ model: "tiny", input: QUESTION, reasoning: { effort: "none" } });
    expect(plain.output.map(({ type }) => type)).toEqual(["message"]);
  });

  test("stream their events in order", async () => {
    const client = await connect();
    const stream = client.responses.stream({ model: "tiny", input: QUESTION, temperature: 0 });
    const numbers: number[] = [];
    for await (const event of stream) numbers.push(event.sequence_number);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    const final = await stream.finalResponse();
    const whole = await client.responses.create({ model: "tiny", input: QUESTION, temperature: 0 });
    expect(final.output_text).toBe(whole.output_text);
  });
});

test.each([
  [{ model: "gpt-5" }, 404, 'there is no base model "gpt-5"'],
  [{ temperature: -1 }, 400, "temperature"],
  [{ presence_penalty: 1 }, 400, "presence_penalty is not supported"],
  [{ tools: [{ type: "function", function: { name: "f" } }] }, 400, "tools is not supported"],
  [{ messages: [{ role: "system", content: "x" }] }, 400, "no user message"],
  [{ messages: [{ role: "user", content: [{ type: "image_url" }] }] }, 400, "not text"],
  [{ messages: [{ role: "user", content: "x ".repeat(3000) }] }, 400, "context holds 2048"],
])("chat with %j is refused in OpenAI's form", async (over, status, message) => {
  const client = await connect();
  const body = { model: "tiny", messages: MESSAGES, ...over } as OpenAI.ChatCompletionCreateParamsNonStreaming;
  await expect(client.chat.completions.create(body)).rejects.toMatchObject({
    status,
    error: {
      message: expect.stringContaining(message),
      type: status === 404 ? "not_found_error" : "invalid_request_error",
    },
  });
});
