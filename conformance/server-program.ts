import { spawn } from "node:child_process";
import { freePort } from "@pka/fault-kit";

const START_TIMEOUT_MS = 150_000;

/** A server that somebody else wrote, on this machine. */
export interface ServerProgram {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Start a program that serves HTTP.
 * @param options.args - Given a free port.
 * @param options.healthPath - Answers 2xx as soon as the server works.
 * @throws Error with the server's last words when it ends, or is not healthy in time.
 */
export async function startServerProgram(
  command: string,
  options: {
    readonly args: (port: string) => readonly string[];
    readonly cwd: string;
    /** Added to this process's environment. */
    readonly env: Readonly<Record<string, string>>;
    readonly healthPath: string;
  },
): Promise<ServerProgram> {
  const { args, cwd, env, healthPath } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(command, args(String(port)), {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-4000)));
  }
  const ended = new Promise<void>((resolve) => {
    server.once("exit", () => resolve());
    // There is no such program.
    server.once("error", (error) => {
      words += error.message;
      resolve();
    });
  });
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
  while (Date.now() < deadline && server.pid !== undefined && server.exitCode === null) {
    const healthy = await fetch(url + healthPath).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await stop();
  throw new Error(`${command} did not become healthy:\n${words}`);
}
