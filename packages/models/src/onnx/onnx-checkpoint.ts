import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { UsageError } from "@pka/core";

/** How `@huggingface/transformers` names the weights of each precision, most exact first. */
const WEIGHTS = {
  fp32: "model.onnx",
  fp16: "model_fp16.onnx",
  int8: "model_int8.onnx",
  uint8: "model_uint8.onnx",
  q8: "model_quantized.onnx",
  q4: "model_q4.onnx",
  q4f16: "model_q4f16.onnx",
  bnb4: "model_bnb4.onnx",
} as const;

/** Precision of the weights. */
export type OnnxDtype = keyof typeof WEIGHTS;

const isDtype = (name: string): name is OnnxDtype => Object.hasOwn(WEIGHTS, name);
const DTYPES = Object.keys(WEIGHTS).filter(isDtype);

/** @throws UsageError for a name that is no precision. */
export function parseDtype(name: string): OnnxDtype {
  if (!isDtype(name)) throw new UsageError(`unknown dtype "${name}" (known: ${DTYPES.join(", ")})`);
  return name;
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** Is it a repository's name, `<owner>/<name>` or `<name>`? */
export function isRepository(model: string): boolean {
  const parts = model.split("/");
  return parts.length <= 2 && parts.every((part) => /^[A-Za-z0-9_][\w.-]*$/.test(part));
}

/**
 * The precision to load from a local folder: `dtype`, or the most exact one there is.
 *
 * @throws UsageError naming the file that is missing.
 */
export async function findLocalDtype(folder: string, dtype: OnnxDtype | undefined): Promise<OnnxDtype> {
  const files = new Set(await readdir(folder));
  for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
    if (!files.has(name))
      throw new UsageError(`${join(folder, name)} is missing: copy the checkpoint's other files, too`);
  }
  const onnxFolder = join(folder, "onnx");
  const weights = new Set((await isFolder(onnxFolder)) ? await readdir(onnxFolder) : []);
  const available = DTYPES.filter((name) => weights.has(WEIGHTS[name]));
  const chosen = dtype ?? available[0];
  if (chosen !== undefined && available.includes(chosen)) return chosen;
  const missing = join(onnxFolder, WEIGHTS[chosen ?? "fp32"]);
  throw new UsageError(`${missing} is missing: ${adviceFor(files, available, folder)}`);
}

function adviceFor(files: ReadonlySet<string>, available: readonly OnnxDtype[], folder: string): string {
  if (available.length > 0) return `this folder has ${available.join(", ")}`;
  const stray = [...files].find((name) => name.endsWith(".onnx"));
  if (stray !== undefined) return `move ${stray} into a folder named onnx`;
  if (files.has("model.safetensors") || files.has("model.safetensors.index.json")) {
    return (
      "these are weights for PyTorch. Export them to ONNX, or take a repository that has ONNX files, " +
      `such as one of onnx-community for ${basename(folder)}`
    );
  }
  return "this folder has no ONNX weights";
}
