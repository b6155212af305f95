import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type CheckpointTokenizer,
  loadChatTemplateRenderer,
  loadHfTokenizer,
  TokenizerFileError,
  type TokenRenderer,
} from "@pka/renderers";
import { z } from "zod";
import { chatPromptStyle, hashOfChatPrompt } from "./openai/chat-prompt.js";
import type { PromptStyle } from "./paper-prompts.js";

/** A checkpoint's own chat format over its own tokenizer. */
export interface CheckpointRenderer extends TokenRenderer {
  readonly thinkingModes: readonly boolean[];
  /** The template writes the date into the prompt. */
  readonly usesDate: boolean;
  readonly promptStyle: PromptStyle;
  /** Changes with the chat template. */
  readonly samplePrompt: string;
}

/**
 * The renderer of a checkpoint folder, of which the weights are not needed.
 *
 * @param folder - Holds `tokenizer.json` and `tokenizer_config.json`; `config.json` may name more tokens that end an answer.
 * @param date - What a template that writes one is told.
 * @throws TokenizerFileError, ChatTemplateError naming what is missing or damaged.
 */
export async function loadCheckpointRenderer(folder: string, date: Date): Promise<CheckpointRenderer> {
  const [chat, tokenizer] = await Promise.all([loadChatTemplateRenderer(folder, { date }), loadHfTokenizer(folder)]);
  const promptStyle = chatPromptStyle(chat);
  return {
    name: chat.name,
    tokenizer,
    thinkingModes: chat.thinkingModes,
    usesDate: chat.usesDate,
    promptStyle,
    samplePrompt: hashOfChatPrompt(chat, promptStyle),
    stop: await stopTokens(folder, tokenizer),
    buildGenerationPrompt: (messages, { thinking }) =>
      tokenizer.encode(chat.renderPrompt(messages, { task: "qa", thinking })),
    parse: (tokens, mode) =>
      chat.parse(tokenizer.decode(tokens.filter((token) => !tokenizer.specialTokens.has(token))), mode),
  };
}

const tokenIds = z.union([z.int().transform((id) => [id]), z.array(z.int())]);
const configSchema = z.object({ eos_token_id: tokenIds.nullish() });
const tokenizerConfigSchema = z.object({
  eos_token: z.union([z.string(), z.object({ content: z.string() })]).nullish(),
});

async function stopTokens(folder: string, tokenizer: CheckpointTokenizer): Promise<number[]> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), "utf8").catch(() => "null"));
  const config = configSchema.safeParse(await read("config.json")).data;
  const eos = tokenizerConfigSchema.safeParse(await read("tokenizer_config.json")).data?.eos_token;
  const named = typeof eos === "string" ? eos : eos?.content;
  const ids = named === undefined ? [] : tokenizer.encode(named);
  const stop = new Set([...(config?.eos_token_id ?? []), ...(ids.length === 1 ? ids : [])]);
  if (stop.size > 0) return [...stop];
  throw new TokenizerFileError(join(folder, "tokenizer_config.json"), "names no eos_token, so no answer would end");
}
