import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../packages/fault-kit/src/tcp/free-port.js";

export interface Registry {
  readonly url: string;
  /** npm's settings for it: the scope alone, all other packages come from where they always come. */
  readonly npmrc: string;
  close(): Promise<void>;
}

/**
 * Start an empty registry on a free port of this machine; its packages lie in `folder`.
 *
 * @param verdaccio - Path of its script.
 * @throws Error with what it printed when it does not answer within a minute.
 */
export async function startRegistry(verdaccio: string, folder: string): Promise<Registry> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const config = join(folder, "config.json"); // YAML is a superset of JSON
  await writeFile(
    config,
    JSON.stringify({
      storage: join(folder, "storage"),
      auth: { htpasswd: { file: join(folder, "users") } },
      packages: { "@pka/*": { access: "$all", publish: "$all" } },
      log: { type: "stdout", level: "warn" },
      max_body_size: "100mb",
      web: { enable: false },
    }),
  );
  const child = spawn(process.execPath, [verdaccio, "--config", config, "--listen", `localhost:${port}`], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (printed += text));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://localhost:${port}/`;
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  for (let waited = 0; !(await answers(url)); waited += 100) {
    if (waited < 60_000 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    await close();
    throw new Error(`the registry did not start:\n${printed}`);
  }
  // Whoever may publish is anybody; npm alone insists on a token.
  return { url, npmrc: `@pka:registry=${url}\n//localhost:${port}/:_authToken=anybody\n`, close };
}

async function answers(url: string): Promise<boolean> {
  return fetch(new URL("-/ping", url)).then(
    ({ ok }) => ok,
    () => false,
  );
}
