import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UsageError } from "@pka/core";
import { isFolder, isRepository } from "../onnx/onnx-checkpoint.js";
import { fetchSmallFiles, type OnnxHub } from "../onnx/onnx-hub.js";

/** Where a model's tokenizer files may be; see {@link tokenizerFolder}. */
export interface TokenizerSource extends OnnxHub {
  /** The cache of Python's `huggingface_hub`; it is read, never written. */
  readonly hubCacheDir?: string | undefined;
}

/**
 * A folder with `tokenizer.json` and `tokenizer_config.json`, for `loadHfTokenizer` of `@pka/renderers`.
 *
 * @param model - A folder, or a repository on the hub. A repository is looked for in the cache of Python's `huggingface_hub`, then
 * in `cacheDir`, and is then downloaded into the latter, without any weights.
 * @throws UsageError for what is neither · ModelError where the hub is not reached, or does not have or give the files, or `offline`
 * forbids to ask it.
 */
export async function tokenizerFolder(model: string, source: TokenizerSource): Promise<string> {
  const folder = resolve(model);
  if (await isFolder(folder)) return folder;
  if (!isRepository(model)) {
    throw new UsageError(`${folder} is not a folder, and "${model}" is not a repository of the form <owner>/<name>`);
  }
  return (await cachedByPython(model, source.hubCacheDir)) ?? fetchSmallFiles(model, source);
}

async function cachedByPython(repository: string, hubCacheDir: string | undefined): Promise<string | undefined> {
  if (hubCacheDir === undefined) return undefined;
  const cached = join(hubCacheDir, `models--${repository.replaceAll("/", "--")}`);
  const commit = (await readFile(join(cached, "refs", "main"), "utf8").catch(() => "")).trim();
  if (!/^[0-9a-f]{40}$/.test(commit)) return undefined;
  const folder = join(cached, "snapshots", commit);
  // Python fetches file by file: whoever wanted the weights only has no tokenizer.
  const files = ["tokenizer.json", "tokenizer_config.json"];
  const found = await Promise.all(files.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return found.includes(undefined) ? undefined : folder;
}
