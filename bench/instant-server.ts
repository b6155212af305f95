// A server that answers OpenAI's APIs at once, in a process of its own, and says how fast it was asked.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { completionReply, responsesReply, vllmModels } from "@pka/fault-kit";

const ANSWER = "Of course.</think><answer>x</answer>";

export interface Rate {
  readonly requests: number;
  /** Requests per second between the first and the last of them. */
  readonly perSecond: number;
  /** The same of their second half. */
  readonly latePerSecond: number;
}

export interface InstantServer {
  /** Ends in `/v1`. */
  readonly url: string;
  /** Completions asked for since the last call. */
  rate(): Promise<Rate>;
  close(): void;
}

/** @param model - The name of the one model it has. */
export async function startInstantServer(model = "m"): Promise<InstantServer> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [model], { execArgv: process.execArgv });
  const [port] = (await once(child, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async rate() {
      child.send("rate");
      return ((await once(child, "message")) as [Rate])[0];
    },
    close: () => child.kill(),
  };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) serve(process.argv[2]!);

function serve(model: string): void {
  const times: number[] = [];
  const answers = new Map<string | undefined, string>([
    ["/v1/models", JSON.stringify(vllmModels(model))],
    ["/v1/completions", JSON.stringify(completionReply(ANSWER))],
    ["/v1/responses", JSON.stringify(responsesReply({ text: ANSWER }))],
  ]);
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const body = answers.get(request.url);
      if (request.method === "POST" && body !== undefined) times.push(performance.now());
      response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(body);
    });
  });
  server.keepAliveTimeout = 60_000;
  process.on("disconnect", () => process.exit());
  process.on("message", () => {
    const late = times.slice(Math.floor(times.length / 2));
    process.send!({ requests: times.length, perSecond: rateOf(times), latePerSecond: rateOf(late) } satisfies Rate);
    times.length = 0;
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send!(typeof address === "object" ? address?.port : undefined);
  });
}

/** @param times - In milliseconds. */
function rateOf(times: readonly number[]): number {
  return ((times.length - 1) / (times.at(-1)! - times[0]!)) * 1000;
}
