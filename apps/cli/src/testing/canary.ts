import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPka } from "./run-pka.js";

/** One secret per place that a key can come from. The middle is what is looked for. */
export const CANARIES = {
  OPENAI_API_KEY: "sk-proj-canary0penai7f3a9b2c",
  VLLM_API_KEY: "vllm-canaryv11m5d8e/1f+4a=",
  TINKER_API_KEY: "tml-canarytinker6c0b4d2e8f",
  HF_TOKEN: "hf_canaryhub3a7d9f1c5b0e2d",
  WANDB_API_KEY: "canarywandb8e4f6a2b0c9d7e",
} as const;
const PIECES = Object.values(CANARIES).map((key) => /canary[a-z0-9]+/.exec(key)![0]);

/** What servers say: the ways in which a careless one puts the request's headers into its answer. */
export const SHAPES = ["api error", "detail", "text", "web page", "headers", "answer"] as const;
export const STATUSES = [200, 307, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529] as const;

export interface Echo {
  readonly status: (typeof STATUSES)[number];
  readonly shape: (typeof SHAPES)[number];
}

/** The command lines that send a key, each with the canaries it sends. `{url}` is the server, `{folder}` one of its own. */
export const COMMANDS = {
  "eval openai": [
    "eval",
    "--model",
    "gpt-5.2",
    ..."--dataset smallworld --limit 2 --output-dir {folder}/out".split(" "),
  ],
  "eval vllm":
    "eval --model vllm:served --base-url {url}/v1 --dataset smallworld --limit 2 --output-dir {folder}/out".split(" "),
  "eval tinker": [
    "eval",
    "--model",
    "gpt-oss-20b",
    ..."--dataset smallworld --limit 2 --output-dir {folder}/out".split(" "),
  ],
  refine: "refine --target-files {folder}/nq_gpt52_no_cues.json --output-dir {folder}/out".split(" "),
  "train rl":
    "train rl --base-url {url} --model-name tiny --dataset smallworld --limit 8 --wandb-name w --log-path {folder}/run".split(
      " ",
    ),
  "tinker runs": ["tinker", "runs"],
  "tinker list": "tinker checkpoints list --json".split(" "),
  "tinker download": "tinker checkpoints download tinker://r:train:0/weights/a --output {folder}/out".split(" "),
  "tinker delete": "tinker checkpoints delete tinker://r:train:0/weights/a --yes --json".split(" "),
  datasets: ["datasets", "fetch", "hotpotqa"],
  doctor: "doctor --base-url {url}/v1 --output-dir {folder}/out".split(" "),
} as const;

/** Starts a server that puts the headers of every request into its answer. */
export async function startEchoServer(): Promise<{
  readonly url: string;
  echo: Echo;
  /** Canaries that reached it. */
  readonly reached: Set<string>;
  close(): Promise<void>;
}> {
  const reached = new Set<string>();
  const server = createServer((request, response) => {
    for (const piece of PIECES) if (JSON.stringify(request.headers).includes(piece)) reached.add(piece);
    request.resume().on("end", () => answer(started.echo, request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const started = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    echo: { status: 401, shape: "api error" } as Echo,
    reached,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return started;
}

/** Runs a command line against the server and looks at all that it said and wrote. Resolves to the leaks, `where: what`. */
export async function leaksOf(command: keyof typeof COMMANDS, url: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "pka-canary-"));
  try {
    const row = { question: "q", ground_truth: ["a"], extracted_prediction: "a", raw_prediction: "a", num_tokens: 1 };
    const results = [{ ...row, exact_match: false, recall: false }];
    writeFileSync(join(folder, "nq_gpt52_no_cues.json"), JSON.stringify({ results }));
    const home = join(folder, "home");
    mkdirSync(home);
    const args = COMMANDS[command].map((part) => part.replace("{url}", url).replace("{folder}", folder));
    const run = startPka(args, {
      ...CANARIES,
      OPENAI_BASE_URL: `${url}/v1`,
      TINKER_BASE_URL: url,
      HF_ENDPOINT: url,
      HF_HOME: home,
      HOME: home,
      NODE_OPTIONS: "",
    });
    // A server that says "later" is asked again for minutes: what is said about that is said by then.
    const patience = setTimeout(() => run.process.kill("SIGINT"), 4_000);
    const impatience = setTimeout(() => run.process.kill("SIGKILL"), 20_000);
    const { stdout, stderr } = await run.exited;
    clearTimeout(patience);
    clearTimeout(impatience);
    const written = readdirSync(folder, { recursive: true, withFileTypes: true })
      // A dataset file is kept as its server sent it, byte for byte.
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("blobs"))
      .map((entry) => join(entry.parentPath, entry.name));
    const said: [string, string][] = [
      ["stdout", stdout],
      ["stderr", stderr],
      ...written.map((path): [string, string] => [path, `${path}\n${readFileSync(path, "latin1")}`]),
    ];
    return said.flatMap(([where, text]) => secretsIn(text).map((piece) => `${command}, ${where}: ${piece}`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pieces of canaries in a text: spelled out, URL-encoded, or in what decodes as base64 from any of four places. */
export function secretsIn(text: string): string[] {
  const decoded = (text.match(/[\w+/-]{12,}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), "base64").toString("latin1")),
  );
  const unescaped = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return PIECES.filter((piece) => [text, unescaped, ...decoded].some((said) => said.includes(piece)));
}

function answer({ status, shape }: Echo, request: IncomingMessage, response: ServerResponse): void {
  const leak = leakOf(request.headers);
  const body: Record<Echo["shape"], unknown> = {
    "api error": { error: { message: leak, code: leak, type: leak }, message: leak },
    detail: { detail: [{ msg: leak, input: request.headers }] },
    text: leak,
    "web page": `<html><title>${leak}</title></html>`,
    headers: request.headers,
    answer: usefulAnswer(request, leak),
  };
  const isText = typeof body[shape] === "string";
  response.writeHead(status, {
    "content-type": shape === "web page" ? "text/html" : isText ? "text/plain" : "application/json",
    "x-request-id": leak.replaceAll("\n", " "),
    "x-error-message": leak.replaceAll("\n", " "),
    "x-should-retry": "false",
    ...(status === 307 && { location: `/elsewhere?key=${encodeURIComponent(leak)}` }),
  });
  response.end(isText ? body[shape] : JSON.stringify(body[shape]));
}

function leakOf(headers: IncomingHttpHeaders): string {
  const value = headers.authorization ?? headers["x-api-key"]?.toString() ?? "";
  const key = value.replace(/^Bearer /, "");
  const base64 = (text: string, encoding: "base64" | "base64url" = "base64") => Buffer.from(text).toString(encoding);
  return [
    `your key ${key}`,
    `Authorization: ${value}`,
    encodeURIComponent(value),
    base64(key),
    base64(`:${key}`),
    base64(value),
    base64(`authorization: ${value}\n`, "base64url"),
  ].join("\n");
}

/** An answer of the right shape for each API, with the key wherever a text stands. */
function usefulAnswer({ url = "" }: IncomingMessage, leak: string): object {
  if (url === "/v1/models") return { object: "list", data: [{ id: "served", object: "model", max_model_len: 1e6 }] };
  if (url === "/version") return { version: "0.0.0" };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, input_tokens: 1, output_tokens: 1 };
  return {
    id: leak,
    object: "response",
    model: leak,
    status: "completed",
    output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: leak, annotations: [] }] }],
    choices: [
      { index: 0, text: leak, message: { role: "assistant", content: leak, reasoning: leak }, finish_reason: "stop" },
    ],
    usage,
    supported_models: [{ model_name: leak }],
    training_runs: [],
    checkpoints: [],
    cursor: { total_count: 0, limit: 1, offset: 0 },
    session_id: "s",
    url: `http://127.0.0.1:9/${leak}`,
  };
}
