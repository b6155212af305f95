import { UsageError } from "@pka/core";
import { describe, expect, test } from "vitest";
import { chatTemplateRenderer, loadChatTemplateRenderer } from "./chat-template-renderer.js";
import { ChatTemplateError, TokenizerFileError } from "./errors.js";
import type { Message } from "./renderer.js";
import { writeCheckpoint } from "./testing/write-checkpoint.js";

const CHAT_ML = `{%- for message in messages -%}
<|im_start|>{{ message.role }}
{{ message['content'] + eos_token }}
{% endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{%- if enable_thinking is defined and enable_thinking is false %}
<think>

</think>

{% endif %}
{%- endif %}
`;
const messages: Message[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Who wrote <Hamlet> & why?" },
];
const specialTokens = { eos_token: "<|im_end|>" };
const qa = { task: "qa", thinking: true } as const;

describe("chatTemplateRenderer", () => {
  test("lays messages out as the template says, unescaped, with the special tokens", () => {
    const renderer = chatTemplateRenderer({ template: CHAT_ML, specialTokens });
    expect(renderer.renderPrompt(messages, qa)).toBe(
      "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWho wrote <Hamlet> & why?<|im_end|>\n<|im_start|>assistant",
    );
  });

  test("enable_thinking switches the mode where the template reads it", () => {
    const renderer = chatTemplateRenderer({ template: CHAT_ML, specialTokens });
    expect(renderer.thinkingModes).toEqual([true, false]);
    expect(renderer.renderPrompt(messages, { task: "qa", thinking: false })).toMatch(/<think>\n\n<\/think>\n\n$/);
  });

  test("a template without the switch cannot be asked not to think", () => {
    const renderer = chatTemplateRenderer({ template: "{{ messages[0].content }}" });
    expect(renderer.thinkingModes).toEqual([true]);
    expect(() => renderer.renderPrompt(messages, { task: "qa", thinking: false })).toThrow(UsageError);
  });

  test("a template that writes the date gets the given one every time", () => {
    const template = "{{ strftime_now('%d %b %Y, %B %-d') }}|{{ messages[0].content }}";
    const renderer = chatTemplateRenderer({ template, date: new Date(2025, 11, 5) });
    expect(renderer.usesDate).toBe(true);
    expect(renderer.renderPrompt(messages, qa)).toBe("05 Dec 2025, December 5|Be brief.");
  });

  test("range counts up, down and in steps", () => {
    const template = "{% for i in range(3) %}{{ i }}{% endfor %}|{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}";
    expect(chatTemplateRenderer({ template }).renderPrompt(messages, qa)).toBe("012|531");
  });

  test("what the template raises reaches the caller", () => {
    const template = "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}";
    const renderer = chatTemplateRenderer({ template });
    expect(() => renderer.renderPrompt(messages, qa)).toThrow(ChatTemplateError);
    expect(() => renderer.renderPrompt(messages, qa)).toThrow("no system role");
  });

  test.each([
    { name: "invalid Jinja", template: "{% for m in messages %}", says: "not valid Jinja" },
    { name: "an unknown date code", template: "{{ strftime_now('%Q') }}", says: "%Q" },
    { name: "no user message allowed", template: "{{ raise_exception('never') }}", says: "never" },
  ])("a template that cannot work is refused at once: $name", ({ template, says }) => {
    expect(() => chatTemplateRenderer({ template })).toThrow(ChatTemplateError);
    expect(() => chatTemplateRenderer({ template })).toThrow(says);
  });
});

describe("chatTemplateRenderer takes completions apart", () => {
  const opening = chatTemplateRenderer({ template: "{{ messages[0].content }}<think>\n" });
  const plain = chatTemplateRenderer({ template: "{{ messages[0].content }}\n" });

  test("after a prompt that opens <think>, everything up to </think> is thinking", () => {
    expect(opening.parse("hm</think>4", { thinking: true })).toMatchObject({ thinking: "hm", answer: "4" });
    expect(opening.parse("hm", { thinking: true })).toMatchObject({ thinking: "hm", answer: "" });
  });

  test("a completion that opens <think> itself", () => {
    const text = "<think>\nhm</think>4";
    expect(plain.parse(text, { thinking: true })).toEqual({ text, thinking: "\nhm", answer: "4" });
    expect(plain.parse("<think>hm", { thinking: true })).toMatchObject({ thinking: "hm", answer: "" });
  });

  test("a model that opens no thinking only answers", () => {
    expect(plain.parse("4", { thinking: true })).toEqual({ text: "4", answer: "4" });
  });

  test("no thinking asked: everything is the answer", () => {
    expect(opening.parse("hm</think>4", { thinking: false })).toEqual({ text: "hm</think>4", answer: "hm</think>4" });
  });
});

describe("loadChatTemplateRenderer", () => {
  test("chat_template.jinja comes before tokenizer_config.json", async () => {
    const folder = await writeCheckpoint({
      "chat_template.jinja": "new {{ bos_token }}{{ messages[0].content }}",
      "tokenizer_config.json": { chat_template: "old", bos_token: { content: "<s>", lstrip: false } },
    });
    expect((await loadChatTemplateRenderer(folder)).renderPrompt(messages, qa)).toBe("new <s>Be brief.");
  });

  test("of several templates the one named default is used", async () => {
    const folder = await writeCheckpoint({
      "tokenizer_config.json": {
        chat_template: [
          { name: "tool_use", template: "tools" },
          { name: "default", template: "{{ messages[1].content if messages|length > 1 }}" },
        ],
      },
    });
    expect((await loadChatTemplateRenderer(folder)).renderPrompt(messages, qa)).toBe("Who wrote <Hamlet> & why?");
  });

  test("a checkpoint without a template is refused, naming the folder", async () => {
    const folder = await writeCheckpoint({ "tokenizer_config.json": {} });
    const loading = loadChatTemplateRenderer(folder);
    await expect(loading).rejects.toThrow(ChatTemplateError);
    await expect(loading).rejects.toThrow(`${folder}: no chat template`);
  });

  test("a folder that is no checkpoint is refused, naming the missing file", async () => {
    await expect(loadChatTemplateRenderer(await writeCheckpoint({}))).rejects.toThrow(TokenizerFileError);
  });
});
