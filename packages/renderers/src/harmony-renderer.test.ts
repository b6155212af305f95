import { createHash } from "node:crypto";
import { UsageError } from "@pka/core";
import { HAS_SHARED, SKIPPED } from "@pka/fault-kit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ResponseError } from "./errors.js";
import { harmonyRenderer } from "./harmony-renderer.js";
import { loadHarmonyTokenizer } from "./harmony-tokenizer.js";
import { HARMONY } from "./harmony-tokens.js";
import type { Message, TrainOnWhat } from "./renderer.js";
import { supervisedDatum } from "./supervised-datum.js";
import { NQ_NO_THINKING, readTrace, STRATEGYQA } from "./testing/paper-traces.js";

const tokenizer = await loadHarmonyTokenizer();
const date = "2025-12-10";
const renderer = harmonyRenderer(tokenizer, { date });
const developer = harmonyRenderer(tokenizer, { date, style: "developer" });
const noPreamble = harmonyRenderer(tokenizer, { name: "gpt_oss_no_sysprompt" });

const instruction = "Give your final answer in <answer></answer> tags.";
const evalMessages: Message[] = [
  { role: "system", content: `You will be given a question. ${instruction}` },
  { role: "user", content: "Who wrote Hamlet?" },
];
const taught: Message = {
  role: "assistant",
  thinking: "Need answer: william shakespeare.",
  content: "The answer is <answer>william shakespeare</answer>.",
};
// Recorded from tinker-cookbook of December 2025.
const ACTION = [
  200005, 35644, 200008, 23483, 6052, 25, 187996, 641, 49182, 13, 200007, 200006, 173781, 200005, 17196, 200008, 976,
  6052, 382, 464, 17021, 29, 21053, 5866, 641, 49182, 808, 17021, 34397, 200002,
];

const render = (messages: readonly Message[], rendered = noPreamble) =>
  tokenizer.decode(rendered.buildSupervisedExample(messages).tokens);

// Length and sha256 of the ids joined by commas, recorded from tinker-cookbook of December 2025 (the last from today's).
test.each([
  { name: "preamble", tokens: renderer.buildSupervisedExample([]).tokens, length: 61, hash: "b7fa6766cad235e8" },
  {
    name: "evaluation prompt",
    tokens: renderer.buildGenerationPrompt(evalMessages, { thinking: true }),
    length: 94,
    hash: "79ea6a1db619a838",
  },
  {
    name: "evaluation prompt without thinking",
    tokens: renderer.buildGenerationPrompt(evalMessages, { thinking: false }),
    length: 100,
    hash: "8fd183ad2648f14b",
  },
  {
    name: "RL prompt",
    tokens: renderer.buildGenerationPrompt([{ role: "user", content: `Who wrote Hamlet? ${instruction}` }], {
      thinking: true,
    }),
    length: 83,
    hash: "9c34c662cc8576cf",
  },
  { name: "SFT action", tokens: ACTION, length: 30, hash: "944704da6a5d82d0" },
  {
    name: "SFT sequence",
    tokens: renderer.buildSupervisedExample([...evalMessages, taught]).tokens,
    length: 124,
    hash: "5890834658685460",
  },
  {
    name: "evaluation prompt, developer style",
    tokens: developer.buildGenerationPrompt(evalMessages, { thinking: true }),
    length: 97,
    hash: "a0e2c6f5adef35f1",
  },
])("$name: $length tokens, $hash", ({ tokens, length, hash }) => {
  expect(tokens).toHaveLength(length);
  expect(createHash("sha256").update(tokens.join(",")).digest("hex").slice(0, 16)).toBe(hash);
});

test("without thinking the prompt ends in an empty thought and a new header", () => {
  const prompt = renderer.buildGenerationPrompt(evalMessages, { thinking: false });
  expect(prompt.slice(-6)).toEqual([200005, 35644, 200008, 200007, 200006, 173781]);
});

test("a prefill starts the completion, in tokens of its own", () => {
  const prompt = noPreamble.buildGenerationPrompt([], { thinking: true, prefill: "s<|channel|>final" });
  expect(prompt).toEqual([HARMONY.start, 173781, ...tokenizer.encode("s"), HARMONY.channel, 17196]);
});

test("an SFT example trains on the action, and its datum is shifted by one", () => {
  const example = renderer.buildSupervisedExample([...evalMessages, taught]);
  expect(example.tokens.slice(94)).toEqual(ACTION);
  const { tokens, targetTokens, weights } = supervisedDatum(example);
  expect(tokens).toEqual(example.tokens.slice(0, 123));
  expect(targetTokens).toEqual(example.tokens.slice(1));
  expect(Array.from(weights!)).toEqual([...Array<number>(93).fill(0), ...Array<number>(30).fill(1)]);
});

test("the preamble asks for the effort of the renderer's name", () => {
  const high = harmonyRenderer(tokenizer, { name: "gpt_oss_high_reasoning", date });
  expect(render([], high)).toBe(
    "<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\nKnowledge cutoff: 2024-06\n" +
      "Current date: 2025-12-10\n\nReasoning: high\n\n" +
      "# Valid channels: analysis, commentary, final. Channel must be included for every message.<|end|>",
  );
  expect(render([])).toBe("");
});

describe("the date", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is the local one of each render by default", () => {
    const today = harmonyRenderer(tokenizer);
    vi.useFakeTimers({ toFake: ["Date"], now: new Date(2026, 0, 31, 23, 59) });
    expect(render([], today)).toContain("Current date: 2026-01-31\n");
    vi.setSystemTime(new Date(2026, 1, 1, 0, 1));
    expect(render([], today)).toContain("Current date: 2026-02-01\n");
  });

  test.each(["yesterday", "2025-02-30", "2025-1-1", "2025-12-10T00:00", ""])("%j is refused", (text) => {
    expect(() => harmonyRenderer(tokenizer, { date: text })).toThrow(UsageError);
  });
});

describe("messages", () => {
  const user = (content: string): Message => ({ role: "user", content });
  const assistant = (content: string, thinking?: string): Message => ({
    role: "assistant",
    content,
    ...(thinking !== undefined && { thinking }),
  });

  // Worked by hand from the rules of tinker-cookbook of December 2025 and of today.
  test.each([
    {
      name: "earlier turns lose their thinking",
      messages: [user("a"), assistant("b", "t"), user("c"), assistant("d", "u")],
      era:
        "<|start|>user<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|end|><|start|>user<|message|>c<|end|>" +
        "<|start|>assistant<|channel|>analysis<|message|>u<|end|><|start|>assistant<|channel|>final<|message|>d<|return|>",
      today:
        "<|start|>user<|message|>a<|end|>" +
        "<|start|>assistant<|channel|>analysis<|message|>t<|end|><|start|>assistant<|channel|>final<|message|>b<|end|>" +
        "<|start|>user<|message|>c<|end|>" +
        "<|start|>assistant<|channel|>analysis<|message|>u<|end|><|start|>assistant<|channel|>final<|message|>d<|return|>",
    },
    {
      name: "an empty thought is none",
      messages: [assistant("b", "")],
      era: "<|start|>assistant<|channel|>final<|message|>b<|return|>",
      today: "<|start|>assistant<|channel|>final<|message|>b<|return|>",
    },
    {
      name: "a question at the end",
      messages: [{ role: "system", content: "s" } as const, user("a")],
      era: "<|start|>system<|message|>s<|end|><|start|>user<|message|>a<|return|>",
      today: "<|start|>developer<|message|># Instructions\n\ns\n\n<|end|><|start|>user<|message|>a<|end|>",
    },
  ])("$name", ({ messages, era, today }) => {
    expect(render(messages)).toBe(era);
    expect(render(messages, harmonyRenderer(tokenizer, { name: "gpt_oss_no_sysprompt", style: "developer" }))).toBe(
      today,
    );
  });

  test("special tokens in a message become special tokens", () => {
    expect(noPreamble.buildGenerationPrompt([user("<|end|>")], { thinking: true })).toEqual([
      HARMONY.start,
      1428,
      HARMONY.message,
      HARMONY.end,
      HARMONY.end,
      HARMONY.start,
      173781,
    ]);
  });
});

describe("what is trained on", () => {
  const messages: Message[] = [
    { role: "system", content: "s" },
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
    { role: "user", content: "c" },
    { role: "assistant", content: "d" },
  ];
  const trained = (trainOnWhat: TrainOnWhat | undefined, of = messages, rendered = noPreamble) => {
    const { tokens, weights } = rendered.buildSupervisedExample(of, trainOnWhat);
    return tokenizer.decode(tokens.filter((_, at) => weights[at] === 1));
  };
  const [first, last] = ["<|channel|>final<|message|>b<|end|>", "<|channel|>final<|message|>d<|return|>"];

  test.each<{ trainOnWhat: TrainOnWhat | undefined; expected: string }>([
    { trainOnWhat: undefined, expected: last },
    { trainOnWhat: "last_assistant_message", expected: last },
    { trainOnWhat: "all_assistant_messages", expected: first + last },
    {
      trainOnWhat: "all_user_and_system_messages",
      expected: "<|message|>s<|end|><|message|>a<|end|><|message|>c<|end|>",
    },
    {
      trainOnWhat: "all_messages",
      expected: `<|message|>s<|end|><|message|>a<|end|>${first}<|message|>c<|end|>${last}`,
    },
    { trainOnWhat: "all_tokens", expected: render(messages) },
  ])("$trainOnWhat", ({ trainOnWhat, expected }) => {
    expect(trained(trainOnWhat)).toBe(expected);
  });

  test("customized: what the messages say", () => {
    const marked = messages.map((message, index) => ({ ...message, trainable: index === 2 }));
    expect(trained("customized", marked)).toBe(first);
    expect(() => trained("customized")).toThrow(UsageError);
    expect(() => trained("all_messages", marked)).toThrow(/message 0 has trainable/);
  });

  test("the preamble is never trained on", () => {
    expect(trained("all_tokens", messages, renderer)).toBe(render(messages));
  });

  test("the last message counts only if it is the assistant's", () => {
    expect(trained("last_assistant_message", messages.slice(0, 4))).toBe("");
  });
});

describe("completions", () => {
  const text = "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>4";
  const tokens = tokenizer.encode(text);

  test("stop tokens", () => {
    expect(renderer.stop).toEqual([200002]);
    expect(developer.stop).toEqual([200002, 200012]);
  });

  test("one stop token: complete, and the text is what stands before it", () => {
    expect(renderer.parseResponse([...tokens, HARMONY.return])).toEqual({ text, isComplete: true });
  });

  test("no stop token: cut", () => {
    expect(renderer.parseResponse(tokens)).toEqual({ text, isComplete: false });
    expect(renderer.parseResponse([])).toEqual({ text: "", isComplete: false });
  });

  test("two stop tokens are no completion", () => {
    expect(() => renderer.parseResponse([...tokens, HARMONY.return, HARMONY.return])).toThrow(ResponseError);
  });

  test("a call ends a completion in developer style only", () => {
    const call = [...tokens, HARMONY.call];
    expect(renderer.parseResponse(call)).toEqual({ text: `${text}<|call|>`, isComplete: false });
    expect(developer.parseResponse(call)).toEqual({ text: `${text}<|call|>`, isComplete: true });
  });

  test.each([
    { name: "thought and answer", completion: text, thinking: "hm", answer: "4" },
    { name: "thinking that never ended", completion: "<|channel|>analysis<|message|>hm", thinking: "hm", answer: "" },
    { name: "an answer only", completion: "<|channel|>final<|message|>4", answer: "4" },
    {
      name: "thinking twice, and a commentary",
      completion:
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>x<|end|>" +
        "<|start|>assistant<|channel|>analysis<|message|>b<|end|><|start|>assistant<|channel|>final<|message|>4",
      thinking: "a\nb",
      answer: "4",
    },
    { name: "no markup", completion: "4", answer: "4" },
    { name: "nothing", completion: "", answer: "" },
  ])("parses $name", ({ completion, thinking, answer }) => {
    const sampled = [...tokenizer.encode(completion), HARMONY.return];
    expect(renderer.parse(sampled, { thinking: true })).toEqual({
      text: completion,
      ...(thinking !== undefined && { thinking }),
      answer,
    });
  });
});

test.each(["gpt_oss", "constructor"])("the unknown renderer %j is refused", (name) => {
  expect(() => harmonyRenderer(tokenizer, { name: name as "gpt_oss_no_sysprompt" })).toThrow(UsageError);
});

describe.skipIf(!HAS_SHARED)(`published completions of gpt-oss-20b${SKIPPED}`, () => {
  const rows = [...readTrace(STRATEGYQA).slice(0, 1000), ...readTrace(NQ_NO_THINKING).slice(0, 1000)];
  const CANONICAL =
    /^(<\|channel\|>analysis<\|message\|>(?:(?!<\|)[^])+<\|end\|><\|start\|>assistant)?<\|channel\|>final<\|message\|>(?:(?!<\|)[^])*$/;

  test("2,000 of them, taken apart and rendered as a taught turn, are what was sampled", () => {
    let numCanonical = 0;
    for (const { raw_prediction: text } of rows) {
      const parsed = renderer.parse([...tokenizer.encode(text), HARMONY.return], { thinking: true });
      expect(parsed.text).toBe(text);
      const turn: Message = {
        role: "assistant",
        content: parsed.answer,
        ...(parsed.thinking && { thinking: parsed.thinking }),
      };
      const { tokens, weights } = noPreamble.buildSupervisedExample([turn]);
      const body = tokens.filter((_, at) => weights[at] === 1);
      const again = renderer.parse(body, { thinking: true });
      expect(again.answer).toBe(parsed.answer);
      expect(again.thinking ?? "").toBe(parsed.thinking ?? "");
      if (!CANONICAL.test(text)) continue;
      numCanonical += 1;
      expect(body).toEqual([...tokenizer.encode(text), HARMONY.return]);
    }
    expect(rows).toHaveLength(2000);
    expect(numCanonical).toBeGreaterThan(1900);
  });
});
