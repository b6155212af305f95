import { type Ask, type Completion, UsageError } from "@pka/core";
import { parseChatReply } from "./completions-reply.js";
import type { CompletionsServer } from "./completions-server.js";
import { paperMessages } from "../paper-prompts.js";
import { samplingFields } from "./sampling-fields.js";

/** Everything but the messages and the model's name. */
export function chatFields(
  server: Pick<CompletionsServer, "kind">,
  ask: Omit<Ask, "task" | "question" | "cues">,
  maxTokens: number,
): object {
  const switchOff = ask.thinking ? {} : { chat_template_kwargs: { enable_thinking: false } };
  return { ...samplingFields(server.kind, ask, maxTokens), ...switchOff };
}

/** One question to `/v1/chat/completions`: the server renders the prompt with the model's own chat template. */
export async function askByChat(
  server: CompletionsServer,
  maxTokens: number,
  ask: Ask,
  signal: AbortSignal | undefined,
): Promise<Completion> {
  if (!ask.thinking && server.kind !== "vllm") {
    throw new UsageError("this server cannot be told not to think, only vLLM can: use --thinking yes");
  }
  const fields = { messages: paperMessages("system", ask), ...chatFields(server, ask, maxTokens) };
  const { reasoning, ...reply } = await server.post("/chat/completions", fields, parseChatReply, signal);
  return { ...reply, ...assemble(reply.text, reasoning), numTokens: reply.usage.completionTokens ?? 0 };
}

/**
 * The parts of a chat answer. Where the server took the thinking out, it is put back between tags, so that every model's
 * `text` shows what it wrote; where the server left it in, it is found by its tags.
 */
function assemble(content: string, reasoning: string | undefined): Pick<Completion, "text" | "thinking" | "answer"> {
  if (reasoning !== undefined) {
    const text = content === "" ? `<think>${reasoning}` : `<think>${reasoning}</think>${content}`;
    return { text, thinking: reasoning, answer: content };
  }
  const opened = content.trimStart().startsWith("<think>");
  const close = content.indexOf("</think>");
  if (close < 0)
    return opened ? { text: content, thinking: content.replace("<think>", ""), answer: "" } : { text: content };
  const thinking = content.slice(0, close);
  return {
    text: content,
    thinking: opened ? thinking.replace("<think>", "") : thinking,
    answer: content.slice(content.lastIndexOf("</think>") + "</think>".length),
  };
}
