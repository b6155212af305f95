import type { Tokenizer } from "@pka/core";
import { EngineInputError } from "../errors.js";
import { END_TOKEN, type WordTokenizer } from "../word-tokenizer.js";
import { harmonyMarks, splitHarmony } from "./harmony-messages.js";
import { OwnedText } from "./owned-text.js";
import type { AlignedTokens, TokenCodec } from "./token-codec.js";

/** Longest question that the engine is asked, in its tokens; the rest of its context is for the answer. */
const MAX_QUESTION_TOKENS = 1024;
/** The embedded model follows no instruction, so requests for a form of the answer are left out of the question. */
const INSTRUCTION = / ?(?:Think step-by-step and give|Give) your final answer in [^\n]{0,80}$/g;
/** gpt-oss's own context. */
const MAX_TOKENS = 131_072;
const BOXED = /\\boxed\{([^{}]*)\}/g;
const TAGS = /<answer>|<\/answer>/g;
const THINK_END = "</think>";
const SPACE = 32;

/**
 * Lets the embedded model stand in for gpt-oss. Prompts are taken apart as harmony, the last user message becomes the engine's
 * question, and what the engine writes comes back as an analysis and a final message in harmony's ids:
 *
 * ```text
 * harmony  <|start|>user<|message|>Q<|end|><|start|>assistant      <|channel|>analysis<|message|>T<|end|>…final<|message|>A<|return|>
 * engine    Q<think>                                               T</think>A<|end|>
 * ```
 *
 * An empty analysis in the prompt is the engine's no-thinking mode. Where the prompt asks for `\boxed{}`, the engine's answer tags are
 * written and read as a box. It works for whole conversations too, so that they can be trained on.
 */
export function harmonyCodec(harmony: Tokenizer, engine: WordTokenizer): TokenCodec {
  const marks = harmonyMarks(harmony);
  const [think, endThink, end] = [engine.tokenId("<think>"), engine.tokenId(THINK_END), engine.tokenId(END_TOKEN)];

  const isBoxed = (tokens: readonly number[]): boolean => {
    const user = splitHarmony(harmony, marks, tokens).findLast(({ role }) => role !== "assistant");
    return user !== undefined && harmony.decode(tokens.slice(0, user.end)).includes("\\boxed{}");
  };

  /** The engine's tokens, and the state that they end in: does a thought go on, and what of the message is there? */
  const translate = (tokens: readonly number[]) => {
    if (tokens.length > MAX_TOKENS) {
      throw new EngineInputError(`${tokens.length} tokens are more than this model's context holds, ${MAX_TOKENS}`);
    }
    const messages = splitHarmony(harmony, marks, tokens);
    const question = messages.findLastIndex(({ role, content }) => role !== "assistant" && content !== undefined);
    const aligned: { tokens: number[]; owners: number[] } = { tokens: [], owners: [] };
    const add = (text: OwnedText, limit = Infinity): void => {
      const { tokens: ids, owners } = text.encode(engine);
      const from = Math.max(0, ids.length - limit);
      aligned.tokens.push(...ids.slice(from));
      aligned.owners.push(...owners.slice(from));
    };
    const addToken = (token: number, owner: number): void => {
      aligned.tokens.push(token);
      aligned.owners.push(owner);
    };
    const textOf = (from: number, to: number): OwnedText => OwnedText.of(harmony, tokens.slice(from, to), from);
    const asked = messages[question];
    if (asked?.content !== undefined) {
      const text = textOf(asked.content, asked.end).replace(INSTRUCTION, () => "");
      add(new OwnedText(` ${text.text}`, [asked.content, ...text.owners]), MAX_QUESTION_TOKENS);
    }
    let state: "before" | "thinking" | "answering" = "before";
    const boxed = isBoxed(tokens);
    for (const message of messages.slice(question + 1)) {
      if (state === "before") addToken(think, message.start);
      if (state === "before") state = "thinking";
      if (message.content === undefined) continue;
      if (message.channel === "analysis") {
        add(textOf(message.content, message.end));
        if (message.isClosed && state === "thinking") {
          // A model can end its text while it thinks.
          addToken(tokens[message.end] === marks["<|return|>"] ? end : endThink, message.end);
          state = "answering";
        }
        continue;
      }
      if (state === "thinking") addToken(endThink, message.content - 1);
      state = "answering";
      const answer = textOf(message.content, message.end);
      add(boxed ? answer.replace(BOXED, (_, inner) => `<answer>${inner}</answer>`) : answer);
      if (message.isClosed) addToken(end, message.end);
    }
    const last = messages.at(-1);
    const isInContent = last !== undefined && last.content !== undefined && !last.isClosed;
    // The engine reads at least one token before the first that it predicts.
    if (aligned.tokens.length < 2) {
      aligned.tokens.unshift(SPACE);
      aligned.owners.unshift(0);
    }
    return { aligned, state, isInContent, boxed };
  };

  return {
    tokenizer: harmony,
    isIdentity: false,

    toEngine: (tokens): AlignedTokens => translate(tokens).aligned,

    stopIds: (tokens) => (tokens.includes(marks["<|end|>"]) ? [endThink] : []),

    fromEngine(prompt, completion) {
      const { state, isInContent, boxed } = translate(prompt);
      const isThinking = state !== "answering";
      const isEnded = completion.at(-1) === end;
      const text = engine.decode(isEnded ? completion.slice(0, -1) : completion);
      const close = isThinking ? text.indexOf(THINK_END) : 0;
      const thought = close < 0 ? text : text.slice(0, close);
      const answer = isThinking ? text.slice(close + THINK_END.length) : text;
      const hasAnswer = close >= 0 && (answer !== "" || isEnded || !isThinking);
      const written = [
        isThinking && (isInContent ? "" : "<|channel|>analysis<|message|>") + thought,
        isThinking && close >= 0 && "<|end|>",
        isThinking && hasAnswer && "<|start|>assistant",
        hasAnswer && (isThinking || !isInContent) && "<|channel|>final<|message|>",
        hasAnswer && (boxed ? answer.replace(TAGS, (tag) => (tag === "<answer>" ? "\\boxed{" : "}")) : answer),
        isEnded && "<|return|>",
      ];
      return harmony.encode(written.filter((part) => part !== false).join(""));
    },
  };
}
