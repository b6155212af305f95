import { UsageError } from "@pka/core";
import { parseChatTemplate } from "./chat-template.js";
import { ChatTemplateError } from "./errors.js";
import { readCheckpointJson, readCheckpointText } from "./read-checkpoint-file.js";
import type { TextRenderer } from "./renderer.js";
import { splitThinking } from "./split-thinking.js";

/** A {@link TextRenderer} that also says in which thinking modes its template can be asked. */
export interface ChatTemplateRenderer extends TextRenderer {
  /** `[true, false]` where the template reads `enable_thinking`, else `[true]`: the model thinks as it was trained to. */
  readonly thinkingModes: readonly boolean[];
  /** The template writes today's date into the prompt. */
  readonly usesDate: boolean;
}

/**
 * A renderer from a Jinja chat template. The prompt is what Python's
 * `apply_chat_template(messages, tokenize=False, add_generation_prompt=True)` gives; the task changes nothing.
 *
 * A completion is thinking until `</think>` where the prompt or the completion itself opens `<think>`. A model that opens
 * none has no thinking part.
 *
 * @param options.template - The Jinja text.
 * @param options.specialTokens - `bos_token`, `eos_token` and so on, as the template names them.
 * @param options.date - Told to templates that write a date; the time of this call by default.
 * @throws ChatTemplateError when the template cannot be parsed or refuses a single user message.
 */
export function chatTemplateRenderer(options: {
  readonly template: string;
  readonly specialTokens?: Readonly<Record<string, string>>;
  readonly date?: Date;
}): ChatTemplateRenderer {
  const { template: source, specialTokens = {}, date = new Date() } = options;
  const template = parseChatTemplate(source, date);
  const switchable = /\benable_thinking\b/.test(source);

  const renderPrompt: TextRenderer["renderPrompt"] = (messages, { thinking }) => {
    if (!thinking && !switchable) {
      throw new UsageError(
        "this chat template has no enable_thinking switch, so the model cannot be asked not to think. Ask with thinking",
      );
    }
    return template.render({
      ...specialTokens,
      messages,
      tools: null,
      documents: null,
      add_generation_prompt: true,
      ...(switchable && { enable_thinking: thinking }),
    });
  };
  // Asked once, so that a template that cannot be used is noticed before the first question.
  const probe = renderPrompt([{ role: "user", content: "Who wrote Hamlet?" }], { task: "qa", thinking: true });
  const promptOpensThinking = /<think>\s*$/.test(probe);

  return {
    name: "chat-template",
    thinkingModes: switchable ? [true, false] : [true],
    usesDate: /\bstrftime_now\b/.test(source),
    renderPrompt,
    parse(text, { thinking }) {
      if (!thinking) return { text, answer: text };
      const opened = /^\s*<think>/i.exec(text)?.[0];
      if (opened === undefined && !promptOpensThinking && !/<\/think>/iu.test(text)) return { text, answer: text };
      return { text, ...splitThinking(text.slice(opened?.length ?? 0)) };
    },
  };
}

/**
 * The renderer of a Hugging Face checkpoint folder: `chat_template.jinja`, else `chat_template` in `tokenizer_config.json`
 * (the one named `default` where there are several), with the special tokens of `tokenizer_config.json`.
 *
 * @param options.date - As for {@link chatTemplateRenderer}.
 * @throws ChatTemplateError when the folder has no usable template.
 * @throws TokenizerFileError when `tokenizer_config.json` is missing or damaged.
 */
export async function loadChatTemplateRenderer(
  folder: string,
  options: { readonly date?: Date } = {},
): Promise<ChatTemplateRenderer> {
  const config = await readCheckpointJson(folder, "tokenizer_config.json");
  const template =
    (await readCheckpointText(folder, "chat_template.jinja")) ?? configuredTemplate(config.chat_template);
  if (template === undefined) {
    throw new ChatTemplateError(
      `${folder}: no chat template, neither chat_template.jinja nor chat_template in tokenizer_config.json. ` +
        "A base model has none: use a chat or instruct checkpoint",
    );
  }
  return chatTemplateRenderer({ template, specialTokens: specialTokensOf(config), ...options });
}

function configuredTemplate(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  const named = value as readonly { readonly name?: unknown; readonly template?: unknown }[];
  const chosen = named.find(({ name }) => name === "default")?.template;
  return typeof chosen === "string" ? chosen : undefined;
}

/** `…_token` entries, which are plain strings or objects with a `content`. */
function specialTokensOf(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    const content = typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
    if (name.endsWith("_token") && typeof content === "string") tokens[name] = content;
  }
  return tokens;
}
