// A server that answers OpenAI's APIs at once, in a process of its own, and says how fast it was asked.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { completionReply, responsesReply, vllmModels } from "@pka/fault-kit";

export interface InstantServer {
  /** Ends in `/v1`. */
  readonly url: string;
  /** Completions asked for since the last call, and their rate between the first and the last of them, per second. */
  rate(): Promise<{ readonly requests: number; readonly perSecond: number }>;
  close(): void;
}

/** `text` is what every completion says. The model is called `m`. */
export async function startInstantServer(text = "<answer>x</answer>"): Promise<InstantServer> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [text], { execArgv: process.execArgv });
  const [port] = (await once(child, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async rate() {
      child.send("rate");
      return ((await once(child, "message")) as [{ requests: number; perSecond: number }])[0];
    },
    close: () => child.kill(),
  };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) serve(process.argv[2]!);

function serve(text: string): void {
  const times: number[] = [];
  const answers = new Map<string | undefined, string>([
    ["/v1/models", JSON.stringify(vllmModels("m"))],
    ["/v1/completions", JSON.stringify(completionReply(text))],
    ["/v1/responses", JSON.stringify(responsesReply({ text }))],
  ]);
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      if (request.method === "POST") times.push(performance.now());
      const body = answers.get(request.url);
      response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(body);
    });
  });
  server.keepAliveTimeout = 60_000;
  process.on("disconnect", () => process.exit());
  process.on("message", () => {
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    process.send!({ requests: times.length, perSecond: (times.length - 1) / seconds });
    times.length = 0;
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send!(typeof address === "object" ? address?.port : undefined);
  });
}
