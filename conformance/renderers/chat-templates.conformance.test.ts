import { join } from "node:path";
import { chatTemplateRenderer, type Message, olmoRenderer, r1Renderer } from "@pka/renderers";
import { beforeAll, describe, expect, test } from "vitest";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";

const interpreter = python();
const why = interpreter === null ? " (skipped: no Python environment)" : "";

const specialTokens = { bos_token: "<s>", eos_token: "</s>" };
const conversation: Message[] = [
  { role: "system", content: 'Give your final answer in <answer></answer> tags. "Quotes" & <b>markup</b>.\n' },
  { role: "user", content: "  Who wrote Hamlet?\n\nÉmile Zola? 東京 🙂 {{ not_jinja }} {% raw %}" },
  { role: "assistant", content: "<think>\nno\n</think>\n\nShakespeare " },
  { role: "user", content: "Sure?" },
];

/** What the chat templates of checkpoints are made of, each in a small template. */
const TEMPLATES: Readonly<Record<string, string>> = {
  "turns, with blocks on lines of their own": `{% for message in messages %}
    {% if loop.first and message.role != 'system' %}
<|system|>You are helpful.
    {% endif %}
<|{{ message['role'] }}|>
{{ message.content | trim }}{{ eos_token }}
{% endfor %}
{% if add_generation_prompt %}
<|assistant|>
{% endif %}
`,
  "thinking switch, with white space control": `{%- if messages[0].role == 'system' -%}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' -}}
    {%- set rest = messages[1:] -%}
{%- else -%}
    {%- set rest = messages -%}
{%- endif -%}
{%- for message in rest -%}
    {{- '<|im_start|>' ~ message.role ~ '\\n' ~ message.content ~ '<|im_end|>' ~ '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- '<|im_start|>assistant\\n' -}}
    {%- if enable_thinking is defined and enable_thinking is false -%}
        {{- '<think>\\n\\n</think>\\n\\n' -}}
    {%- endif -%}
{%- endif -%}`,
  "namespace, reverse search and split": `{%- set ns = namespace(last=-1, system='') -%}
{%- for message in messages -%}
    {%- if message.role == 'system' -%}{%- set ns.system = message.content -%}{%- endif -%}
    {%- if message.role == 'user' -%}{%- set ns.last = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{{ bos_token }}{{ ns.system }}
{%- for message in messages[::-1] -%}
    {%- if message.role == 'assistant' and '</think>' in message.content -%}
        |{{ message.content.split('</think>')[-1].lstrip('\\n') }}|{{ message.content.split('</think>')[0].rstrip() }}
    {%- endif -%}
{%- endfor -%}
{{ ns.last }}/{{ messages | length }}`,
  "macros, tests and filters": `{%- macro turn(role, text='none') -%}
[{{ role | upper }}:{{ text | trim | replace('Hamlet', 'Othello') }}]
{%- endmacro -%}
{%- for message in messages if message.content is string and message.role not in ['system'] -%}
    {{ turn(message.role, text=message.content) }}{{ ', ' if not loop.last }}
{%- endfor -%}
{{ messages | map(attribute='role') | join('-') }}
{{ (messages | selectattr('role', 'equalto', 'user') | list | length) * 2 + 7 // 2 }}
{{- ' undefined' if undefined_thing is not defined }}{{ ' none' if tools is none and documents is none }}`,
  "json, ranges and arithmetic": `{{ messages[-1] | tojson }}
{{ {'a': [1, 2.5, true, none], "b": 'é"\\n'} | tojson(indent=2) }}
{% for i in range(5, 0, -2) %}{{ i }},{% endfor %}{% for i in range(3) %}{{ loop.revindex0 }}{{ '!' if loop.last }}{% endfor %}
{{ 7 / 2 }} {{ 7 // 2 }} {{ 7 % 3 }} {{ 'x' if 3 > 2 and not false else 'y' }}`,
  "today's date": `{{ bos_token }}{{ strftime_now('%Y-%m-%d') }}|{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%A, %B %d, %Y') }}
{{- messages[-1]['content'] }}`,
  "system messages refused": `{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{%- for message in messages %}<start_of_turn>{{ message['role'] }}
{{ message['content'] | trim }}<end_of_turn>
{% endfor %}<start_of_turn>model
`,
};

/** The layouts that the paper's scripts gave to the tokenizer for prompts without thinking. */
const NO_THINKING = {
  olmo: `<｜begin▁of▁sentence｜>{% for message in messages %}<｜{{ message['role'] | capitalize }}｜>{{ message['content'] }}{% endfor %}<｜Assistant｜><think>

</think>
`,
  r1: `{% for message in messages %}{{ message['content'] }}{% endfor %}<think>

</think>
`,
};

interface Case {
  readonly name: string;
  readonly template: string;
  readonly messages: readonly Message[];
  readonly variables: Readonly<Record<string, unknown>>;
}

const cases: Case[] = [];
for (const [name, template] of Object.entries(TEMPLATES)) {
  const modes = template.includes("enable_thinking") ? [true, false] : [true];
  for (const thinking of modes) {
    const variables = modes.length > 1 ? { enable_thinking: thinking } : {};
    cases.push({ name: `${name}, thinking ${thinking}`, template, messages: conversation, variables });
    cases.push({
      name: `${name}, thinking ${thinking}, one message`,
      template,
      messages: conversation.slice(3),
      variables,
    });
  }
}
const numOwn = cases.length;
const asked: Message[] = conversation.slice(0, 2);
for (const ending of ["", "<answer>\n"]) {
  cases.push({ name: "olmo", template: NO_THINKING.olmo + ending, messages: asked, variables: {} });
  cases.push({ name: "r1", template: NO_THINKING.r1 + ending, messages: asked.slice(1), variables: {} });
}

describe.skipIf(interpreter === null)(`chat templates render as in Python's transformers${why}`, () => {
  let reply: {
    readonly prompts: readonly { readonly prompt?: string; readonly error?: string }[];
    readonly date: string;
  };

  beforeAll(async () => {
    const input = JSON.stringify({ special_tokens: specialTokens, cases });
    const script = join(import.meta.dirname, "reference.py");
    const { stdout } = await runOrThrow(interpreter!, [script, "templates"], { input, timeoutMs: 120_000 });
    reply = JSON.parse(stdout);
  });

  test.each(cases.slice(0, numOwn).map((one, index) => ({ ...one, index })))("$name", (one) => {
    const { prompt, error } = reply.prompts[one.index]!;
    const renderer = chatTemplateRenderer({ template: one.template, specialTokens, date: new Date(reply.date) });
    const thinking = one.variables.enable_thinking !== false;
    const render = () => renderer.renderPrompt(one.messages, { task: "qa", thinking });
    if (error === undefined) expect(render()).toBe(prompt);
    else expect(render).toThrow(error);
  });

  test("the paper's layouts without thinking: Jinja drops the last newline, so only QA ends in a line of its own", () => {
    const [olmoMath, r1Math, olmoQa, r1Qa] = reply.prompts.slice(numOwn).map(({ prompt }) => prompt);
    const mode = (task: "qa" | "math") => ({ task, thinking: false });
    expect(olmoRenderer.renderPrompt(asked, mode("qa"))).toBe(olmoQa);
    expect(olmoRenderer.renderPrompt(asked, mode("math"))).toBe(olmoMath);
    expect(r1Renderer.renderPrompt(asked.slice(1), mode("qa"))).toBe(r1Qa);
    expect(r1Renderer.renderPrompt(asked.slice(1), mode("math"))).toBe(r1Math);
  });
});
