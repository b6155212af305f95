import { spawn } from "node:child_process";

export interface Finished {
  /** Exit code; `null` when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run a program to its end; it is killed after `timeoutMs`, and the promise then rejects. */
export async function run(
  command: string,
  args: readonly string[],
  options: {
    readonly timeoutMs: number;
    readonly cwd?: string;
    /** Added to this process's environment. */
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
  },
): Promise<Finished> {
  const { timeoutMs, cwd, env, input = "" } = options;
  return new Promise((resolve, reject) => {
    // npm is a script on Windows, which only a shell can start.
    const shell = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, shell });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command} ${args.join(" ")}: not done after ${timeoutMs / 1000} s\n${stderr.slice(-2000)}`));
    }, timeoutMs);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
    child.stdin.on("error", () => {}); // it may end without reading
    child.stdin.end(input);
  });
}

/** As {@link run}, for programs that must succeed. @throws Error with the end of what it printed. */
export async function runOrThrow(...parameters: Parameters<typeof run>): Promise<Finished> {
  const finished = await run(...parameters);
  if (finished.code === 0) return finished;
  const [command, args] = parameters;
  throw new Error(
    `${command} ${args.join(" ")}: exit ${finished.code}\n${(finished.stderr || finished.stdout).slice(-2000)}`,
  );
}
