import { chatReply, completionReply, responsesReply, vllmModels } from "./replies.js";
import { type SeenRequest, startStubServer, type StubReply } from "./stub-server.js";

/** What the model writes. */
interface Written {
  readonly text: string;
  readonly finishReason?: "stop" | "length";
  /** Default: the lengths of prompt and text. */
  readonly usage?: { readonly input: number; readonly output: number };
}

/** What the model writes, or any reply in its place. */
export type OpenaiAnswer = Written | StubReply;

/** A small OpenAI-compatible server with vLLM's face, which counts what it is asked. */
export interface OpenaiStub {
  readonly baseUrl: string;
  /** Prompts of `/v1/completions`, `/v1/chat/completions` and `/v1/responses`, in the order in which they came. */
  readonly prompts: string[];
  close(): Promise<void>;
}

export interface OpenaiStubOptions {
  readonly model: string;
  /** What to answer to a prompt that was asked `nth` times before. Default: `<answer>` and the prompt's length. */
  readonly answer?: (prompt: string, nth: number) => OpenaiAnswer;
  readonly delayMs?: number;
  /** Default 1,000,000 tokens. */
  readonly maxModelLen?: number;
  /** Default any that is free. */
  readonly port?: number;
}

export async function startOpenaiStub(options: OpenaiStubOptions): Promise<OpenaiStub> {
  const {
    model,
    answer = (prompt) => ({ text: `<answer>${prompt.length}</answer>` }),
    delayMs = 0,
    maxModelLen = 1e6,
    port,
  } = options;
  const prompts: string[] = [];
  const numAsked = new Map<string, number>();
  const server = await startStubServer(
    async ({ path, body }) => {
      if (path === "/version") return { body: { version: "0.0.0-stub" } };
      if (path === "/v1/models") return { body: vllmModels(model, maxModelLen) };
      const reply = REPLIES[path];
      if (!reply) return { status: 404, body: { error: { message: `no route ${path}` } } };
      const prompt = promptOf(body);
      const nth = numAsked.get(prompt) ?? 0;
      numAsked.set(prompt, nth + 1);
      prompts.push(prompt);
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      const given = answer(prompt, nth);
      if (!("text" in given)) return given;
      const { text, finishReason = "stop", usage = { input: prompt.length, output: text.length } }: Written = given;
      return { body: { ...reply({ text, finishReason, usage }), model } };
    },
    { port },
  );
  return { baseUrl: server.url, prompts, close: () => server.close() };
}

const REPLIES: Readonly<Record<string, (written: Required<Written>) => object>> = {
  "/v1/responses": ({ text, finishReason, usage }) =>
    responsesReply({
      text,
      usage: { ...usage, reasoning: 0 },
      ...(finishReason === "length" && { status: "incomplete", incompleteReason: "max_output_tokens" }),
    }),
  "/v1/completions": ({ text, finishReason, usage }) =>
    completionReply(text, { finishReason, usage: completionUsage(usage) }),
  "/v1/chat/completions": ({ text, finishReason, usage }) => ({
    ...chatReply({ content: text }, { finishReason }),
    usage: completionUsage(usage),
  }),
};

function completionUsage({ input, output }: Required<Written>["usage"]) {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function promptOf(body: SeenRequest["body"]): string {
  const messages: { content: string }[] = body.input ?? body.messages ?? [];
  return body.prompt ?? messages.map(({ content }) => content).join("\n");
}
