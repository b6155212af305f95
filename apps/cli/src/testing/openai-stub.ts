import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

type Answer = { text: string; finishReason?: "stop" | "length" } | { status: number; body: string };

/** A small OpenAI-compatible server with vLLM's face, which counts what it is asked. */
export interface OpenaiStub {
  readonly baseUrl: string;
  /** Prompts of `/v1/completions` and `/v1/responses`, in the order in which they came. */
  readonly prompts: string[];
  close(): Promise<void>;
}

export interface OpenaiStubOptions {
  readonly model: string;
  /** What to answer to a prompt. Default: `<answer>` and the prompt's length. */
  readonly answer?: (prompt: string) => Answer;
  readonly delayMs?: number;
}

export async function startOpenaiStub(options: OpenaiStubOptions): Promise<OpenaiStub> {
  const {
    model,
    answer = (prompt: string): Answer => ({ text: `<answer>${prompt.length}</answer>` }),
    delayMs = 0,
  } = options;
  const prompts: string[] = [];
  const server = createServer(async (request, response) => {
    const reply = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    if (request.url === "/version") return reply(200, { version: "0.0.0-stub" });
    if (request.url === "/v1/models")
      return reply(200, { object: "list", data: [{ id: model, object: "model", max_model_len: 1e6 }] });
    const isResponses = request.url === "/v1/responses";
    if (request.url !== "/v1/completions" && !isResponses)
      return reply(404, { error: { message: `no route ${request.url}` } });
    const body = JSON.parse(await bodyOf(request)) as { prompt?: string; input?: { content: string }[] };
    const prompt = body.prompt ?? body.input?.map(({ content }) => content).join("\n") ?? "";
    prompts.push(prompt);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const choice = answer(prompt);
    if ("status" in choice) return reply(choice.status, choice.body);
    const usage = {
      prompt_tokens: prompt.length,
      completion_tokens: choice.text.length,
      total_tokens: prompt.length + choice.text.length,
    };
    const { text, finishReason = "stop" } = choice;
    if (isResponses) {
      const { prompt_tokens: input_tokens, completion_tokens: output_tokens, total_tokens } = usage;
      return reply(200, {
        id: "resp_1",
        object: "response",
        model,
        status: finishReason === "stop" ? "completed" : "incomplete",
        output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text, annotations: [] }] }],
        usage: { input_tokens, output_tokens, total_tokens },
      });
    }
    return reply(200, {
      id: "cmpl-1",
      object: "text_completion",
      created: 0,
      model,
      choices: [{ index: 0, text, finish_reason: finishReason, logprobs: null }],
      usage,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    prompts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
