import { loadDataset } from "@pka/datasets";
import { readEnvironment } from "./environment.js";
import { EXIT } from "./exit-codes.js";
import { listenForInterrupts } from "./interrupts.js";
import { showDownload } from "./progress.js";
import { Stderr } from "./stderr.js";

/** `pka datasets fetch`. Resolves to the exit code. */
export async function fetchDatasets(
  names: readonly string[],
  options: { split?: string; dataDir?: string },
): Promise<number> {
  const stderr = new Stderr();
  const interrupts = listenForInterrupts((message) => stderr.warn(message));
  const { hub } = readEnvironment();
  try {
    for (const name of names) {
      const { split, examples, fingerprint } = await loadDataset(name, {
        ...options,
        hub,
        signal: interrupts.drain,
        logger: stderr,
        onProgress: showDownload(stderr),
      });
      stderr.clearLine();
      console.log(`${name} ${split}: ${examples.length.toLocaleString("en")} rows, sha256 ${fingerprint.sha256}`);
    }
    return EXIT.done;
  } finally {
    interrupts.dispose();
  }
}
