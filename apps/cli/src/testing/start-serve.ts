import { type PkaRun, startPka } from "./run-pka.js";

/** `pka serve` on a free port, with the key that its clients must send. */
export async function startServe(
  dataDir: string,
  key: string,
  args: readonly string[] = [],
): Promise<PkaRun & { readonly url: string }> {
  const run = startPka(["serve", "--port", "0", "--data-dir", dataDir, ...args], { PKA_API_KEY: key });
  await run.said(/TINKER_BASE_URL=/);
  const url = /TINKER_BASE_URL=(\S+)/.exec(run.stderr())![1]!;
  return { ...run, url };
}
