import { Command } from "@commander-js/extra-typings";
import { integerFrom } from "../parse-options.js";

export function serveCommand(finish: (exitCode: number) => void) {
  return new Command("serve")
    .description("Serve the embedded engine over HTTP: Tinker's API under /api/v1, an OpenAI-compatible one under /v1.")
    .option("--host <address>", "where to listen; anything but this machine needs --api-key", "127.0.0.1")
    .option("--port <n>", "0 = any free one", integerFrom(0), 8000)
    .option("--api-key <key>", "ask clients for this key, which begins with tml- (default: PKA_API_KEY, else none)")
    .option("--data-dir <folder>", "where checkpoints, training runs and sessions are kept", "pka-server")
    .option("--json", "print one JSON document with the address instead of a line")
    .addHelpText(
      "after",
      "\nExamples:\n  pka serve\n  pka serve --port 8100 --data-dir runs/server\n  pka eval --model vllm:tiny --dataset smallworld --base-url http://127.0.0.1:8000/v1",
    )
    .action(async (options) => {
      const { runServe } = await import("../run-serve.js");
      finish(await runServe(options));
    });
}
