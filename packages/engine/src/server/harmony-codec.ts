import type { Tokenizer } from "@pka/core";
import { END_TOKEN, type WordTokenizer } from "../word-tokenizer.js";
import { harmonyMarks, splitHarmony } from "./harmony-messages.js";
import { OwnedText } from "./owned-text.js";
import type { AlignedTokens, TokenCodec } from "./token-codec.js";

/** Longest question that the engine is asked, in its tokens; the rest of its context is for the answer. */
const MAX_QUESTION_TOKENS = 1024;
/** The embedded model follows no instruction, so requests for a form of the answer are left out of the question. */
const INSTRUCTION = /\s*(?:Think step-by-step and give|Give) your final answer in [^\n]*$/g;
const BOXED = /\\boxed\{([^{}]*)\}/g;
const [THINK, END_THINK, SPACE] = ["<think>", "</think>", 32];

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
  const [think, endThink, end] = [engine.tokenId(THINK), engine.tokenId(END_THINK), engine.tokenId(END_TOKEN)];

  const isBoxed = (tokens: readonly number[]): boolean => {
    const user = splitHarmony(harmony, marks, tokens).findLast(({ role }) => role !== "assistant");
    return user !== undefined && harmony.decode(tokens.slice(0, user.end)).includes("\\boxed{}");
  };

  /** The engine's tokens, and the state that they end in: does a thought go on, and what of the message is there? */
  const translate = (tokens: readonly number[]) => {
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
          addToken(endThink, message.end);
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
      const tokens: number[] = [];
      const owners: number[] = [];
      const mark = (text: string): void => void tokens.push(...harmony.encode(text));
      const add = (from: number, to: number): void => {
        const plain = OwnedText.of(engine, completion.slice(from, to), from);
        const text = boxed
          ? plain.replace(/<answer>|<\/answer>/g, (tag) => (tag === "<answer>" ? "\\boxed{" : "}"))
          : plain;
        const first = tokens.length;
        tokens.push(...harmony.encode(text.text));
        const ends = OwnedText.of(harmony, tokens.slice(first), first).owners;
        for (let i = from, unit = 0; i < to; i++) {
          while (unit < text.owners.length && text.owners[unit]! <= i) unit += 1;
          owners.push(ends[unit - 1] ?? first - 1);
        }
      };
      const isThinking = state !== "answering";
      const close = isThinking ? completion.indexOf(endThink) : -1;
      const isEnded = completion.at(-1) === end;
      const last = isEnded ? completion.length - 1 : completion.length;
      if (isThinking) {
        if (!isInContent) mark("<|channel|>analysis<|message|>");
        add(0, close < 0 ? last : close);
        if (close >= 0) {
          owners.push(tokens.length);
          mark("<|end|>");
          if (close + 1 < completion.length) mark("<|start|>assistant<|channel|>final<|message|>");
        }
      } else if (!isInContent) mark("<|channel|>final<|message|>");
      if (!isThinking || close >= 0) add(close + 1, Math.max(last, close + 1));
      if (isEnded) {
        owners.push(tokens.length);
        mark("<|return|>");
      }
      return { tokens, owners };
    },
  };
}
