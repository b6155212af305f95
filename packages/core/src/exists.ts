import { stat } from "node:fs/promises";

/** Is there a file or folder, at the end of links too? What cannot be looked at counts as absent. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
