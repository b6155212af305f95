import { type Tokenizer, UsageError } from "@pka/core";
import { ResponseError } from "./errors.js";
import { HARMONY } from "./harmony-tokens.js";
import { type HarmonyTrace, parseHarmony } from "./harmony-trace.js";
import { localDate } from "./local-date.js";
import type { Message, ParsedCompletion, TrainingRenderer } from "./renderer.js";
import { type RenderedMessage, supervisedExample } from "./supervised-example.js";

/** The names of tinker-cookbook: without a preamble, or with one that asks for that reasoning effort. */
export type HarmonyRendererName =
  | "gpt_oss_no_sysprompt"
  | "gpt_oss_low_reasoning"
  | "gpt_oss_medium_reasoning"
  | "gpt_oss_high_reasoning";

/** Options of `harmonyRenderer`. */
export interface HarmonyOptions {
  /** Default `gpt_oss_low_reasoning`, the paper's. */
  readonly name?: HarmonyRendererName | undefined;
  /**
   * `era` (default): as in tinker-cookbook of December 2025, with which the paper's results were made.
   * `developer`: as in OpenAI's documentation and today's cookbook. A system message becomes a developer message with
   * instructions, thinking of earlier turns is kept, the last message of a user ends as any other, `<|call|>` stops, too.
   */
  readonly style?: "era" | "developer" | undefined;
  /** `YYYY-MM-DD`, written into the preamble. Default: this machine's local date at each render, so prompts change at midnight. */
  readonly date?: string | undefined;
}

/** A {@link TrainingRenderer} that can start the completion and that tells its channels apart. */
export interface HarmonyRenderer extends TrainingRenderer {
  /** @param mode.prefill - Start of the completion, after the empty thought where `thinking` is off. */
  buildGenerationPrompt(
    messages: readonly Message[],
    mode: { readonly thinking: boolean; readonly prefill?: string },
  ): number[];
  /** As `parse`, by segment. */
  parseTrace(tokens: readonly number[]): HarmonyTrace;
}

/** An empty thought and the header of the next message: the completion starts at its channel. */
const NO_THINKING = "<|channel|>analysis<|message|><|end|><|start|>assistant";

const REASONING: Readonly<Record<HarmonyRendererName, string | undefined>> = {
  gpt_oss_no_sysprompt: undefined,
  gpt_oss_low_reasoning: "low",
  gpt_oss_medium_reasoning: "medium",
  gpt_oss_high_reasoning: "high",
};

/**
 * The chat format of gpt-oss. A completion is `<|channel|>analysis<|message|>` thoughts `<|end|><|start|>assistant<|channel|>final<|message|>`
 * answer `<|return|>`: the generation prompt ends in `<|start|>assistant`.
 *
 * Special tokens spelled out in a message become special tokens, as they did for the paper. Check texts you do not trust.
 *
 * @param tokenizer - Of {@link loadHarmonyTokenizer}.
 * @throws UsageError for an unknown name or a date that is none; from rendering, for what {@link TrainingRenderer} says.
 * @see `renderers.py` of tinker-cookbook (`GptOssRenderer`) at 989f8492, 2025-12-06, and today.
 */
export function harmonyRenderer(tokenizer: Tokenizer, options: HarmonyOptions = {}): HarmonyRenderer {
  const { name = "gpt_oss_low_reasoning", style = "era", date } = options;
  if (!Object.hasOwn(REASONING, name)) {
    throw new UsageError(`unknown renderer "${name}" (known: ${Object.keys(REASONING).join(", ")})`);
  }
  if (date !== undefined && !isDate(date)) throw new UsageError(`"${date}" is not a date of the form YYYY-MM-DD`);
  const reasoning = REASONING[name];
  const isEra = style === "era";
  const encode = (text: string) => tokenizer.encode(text);

  const preamble = (): number[] => {
    return reasoning === undefined ? [] : encode(systemMessage(reasoning, date ?? localDate()));
  };
  const render = (message: Message, isLast: boolean): RenderedMessage => {
    const { role, content, thinking } = message;
    if (role !== "assistant") {
      const end = isEra && isLast ? "<|return|>" : "<|end|>";
      if (isEra || role !== "system") return rendered(message, role, `<|message|>${content}${end}`);
      return rendered(message, "developer", `<|message|># Instructions\n\n${content}\n\n${end}`);
    }
    const answer = `<|channel|>final<|message|>${content}${isLast ? "<|return|>" : "<|end|>"}`;
    const thought =
      thinking && (isLast || !isEra) ? `<|channel|>analysis<|message|>${thinking}<|end|><|start|>assistant` : "";
    return rendered(message, role, thought + answer);
  };
  const rendered = (message: Message, role: string, body: string): RenderedMessage => ({
    message,
    header: encode(`<|start|>${role}`),
    body: encode(body),
  });
  const parseResponse: HarmonyRenderer["parseResponse"] = (tokens) => {
    const stop = tokens.indexOf(HARMONY.return);
    if (stop < 0) {
      const isCall = !isEra && tokens.at(-1) === HARMONY.call;
      return { text: tokenizer.decode(tokens), isComplete: isCall };
    }
    if (tokens.includes(HARMONY.return, stop + 1)) {
      throw new ResponseError("the completion has more than one <|return|>: sampling has to stop at the first");
    }
    return { text: tokenizer.decode(tokens.slice(0, stop)), isComplete: true };
  };

  return {
    name: isEra ? name : `${name}_developer`,
    tokenizer,
    stop: isEra ? [HARMONY.return] : [HARMONY.return, HARMONY.call],

    buildGenerationPrompt(messages, { thinking, prefill = "" }) {
      const parts = messages.map((message) => render(message, false));
      return [
        ...preamble(),
        ...parts.flatMap(({ header, body }) => [...header, ...body]),
        ...encode(`<|start|>assistant${thinking ? "" : NO_THINKING}`),
        ...encode(prefill),
      ];
    },

    buildSupervisedExample(messages, trainOnWhat = "last_assistant_message") {
      const parts = messages.map((message, index) => render(message, index === messages.length - 1));
      return supervisedExample(preamble(), parts, trainOnWhat);
    },

    parseResponse,
    parseTrace: (tokens) => parseHarmony(parseResponse(tokens).text),
    parse: (tokens) => partsOf(parseHarmony(parseResponse(tokens).text)),
  };
}

/** All analysis is thinking, all of the final channel is the answer. A text without any markup is an answer. */
function partsOf({ text, segments }: HarmonyTrace): ParsedCompletion {
  const of = (channel: string) => segments.filter((segment) => segment.channel === channel);
  const contentOf = (channel: string) =>
    of(channel)
      .map(({ content }) => content)
      .join("\n");
  if (segments.length === 0) return { text, answer: text };
  return {
    text,
    ...(of("analysis").length > 0 && { thinking: contentOf("analysis") }),
    answer: contentOf("final"),
  };
}

function systemMessage(reasoning: string, date: string): string {
  return (
    "<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\n" +
    `Knowledge cutoff: 2024-06\nCurrent date: ${date}\n\nReasoning: ${reasoning}\n\n` +
    "# Valid channels: analysis, commentary, final. Channel must be included for every message.<|end|>"
  );
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
