import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { listenForInterrupts } from "./interrupts.js";
import { Stderr } from "./stderr.js";

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly apiKey?: string;
  readonly dataDir: string;
  readonly json?: true;
}

/** `pka serve`: runs until Ctrl-C or SIGTERM, then finishes what is in flight. Resolves to the exit code. */
export async function runServe(options: ServeOptions): Promise<number> {
  const stderr = new Stderr();
  const [{ serve }, { loadHarmonyTokenizer }] = await Promise.all([
    import("@pka/engine/server"),
    import("@pka/renderers"),
  ]);
  const apiKey = options.apiKey ?? readEnvironment().serverApiKey;
  const interrupts = listenForInterrupts(
    (message) => stderr.warn(message),
    "Stopping: finishing the requests in flight. Press Ctrl-C again to stop at once.",
  );
  const server = await serve({ ...options, apiKey, harmonyTokenizer: loadHarmonyTokenizer, logger: stderr });
  const { url, models } = server;
  if (options.json) process.stdout.write(`${JSON.stringify({ schema: 1, url, models })}\n`);
  else process.stdout.write(`Serving ${models.join(", ")} at ${url}\n`);
  stderr.info(`Tinker: TINKER_BASE_URL=${url} TINKER_API_KEY=tml-…   OpenAI: ${url}/v1   Ctrl-C stops.`);

  await aborted(interrupts.drain);
  await Promise.race([server.close(), aborted(interrupts.stop)]);
  interrupts.dispose();
  return interrupts.stop.aborted ? EXIT.interrupted : EXIT.done;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
