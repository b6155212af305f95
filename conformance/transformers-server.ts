import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { ONE_THREAD, pythonProgram } from "./python.js";
import { modelsFolder, TINY_MODEL } from "./tiny-model.js";

const START_TIMEOUT_MS = 150_000;

/** `transformers serve` with the tiny model. */
export interface TransformersServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws Error with the server's last words when it ends, or is not healthy in time. */
export async function startTransformersServer(): Promise<TransformersServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // It looks for what it has cached even when offline, and fails where the folder is not there.
  const home = join(import.meta.dirname, ".cache", "huggingface");
  mkdirSync(join(home, "hub"), { recursive: true });
  const flags = ["--host", "127.0.0.1", "--port", String(port), "--device", "cpu", "--dtype", "float32"];
  // The model is named as clients name it, so it is started beside the model's folder.
  const server = spawn(pythonProgram("transformers"), ["serve", TINY_MODEL, ...flags], {
    cwd: modelsFolder,
    env: { ...process.env, ...ONE_THREAD, HF_HOME: home, HF_HUB_OFFLINE: "1", CUDA_VISIBLE_DEVICES: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-4000)));
  }
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const killAtExit = (): void => void server.kill("SIGKILL");
  process.once("exit", killAtExit);

  async function stop(): Promise<void> {
    process.off("exit", killAtExit);
    server.kill("SIGTERM");
    const timer = setTimeout(() => server.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
  }

  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && server.exitCode === null) {
    const healthy = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await stop();
  throw new Error(`transformers serve did not become healthy:\n${words}`);
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no free port"));
      });
    });
  });
}
