import { createHash } from "node:crypto";
import { ChatTemplateError, type ChatTemplateRenderer } from "@pka/renderers";
import { paperMessages, type PromptStyle } from "../paper-prompts.js";

const SAMPLE = { task: "qa", question: "?", cues: false } as const;

/** Where a chat template takes the instruction: some raise an error for a system message. */
export function chatPromptStyle(renderer: ChatTemplateRenderer): PromptStyle {
  try {
    renderer.renderPrompt(paperMessages("system", SAMPLE), { task: "qa", thinking: true });
    return "system";
  } catch (error) {
    if (error instanceof ChatTemplateError) return "user";
    throw error;
  }
}

/** Changes with the chat template, so that answers to two templates are never mixed in one file. */
export function hashOfChatPrompt(renderer: ChatTemplateRenderer, style: PromptStyle): string {
  const hash = createHash("sha256");
  for (const thinking of renderer.thinkingModes) {
    hash.update(renderer.renderPrompt(paperMessages(style, SAMPLE), { task: "qa", thinking }));
  }
  return hash.digest("hex").slice(0, 16);
}
