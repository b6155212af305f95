import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, isPrepared, prepare } from "./prepared.js";
import { ONE_THREAD, python } from "./python.js";
import { runOrThrow } from "./run.js";

const here = import.meta.dirname;
const maker = join(here, "tiny-model", "make.py");
const wanted = (): string => hashOf(readFileSync(maker, "utf8"), readFileSync(join(here, "requirements.txt"), "utf8"));

/** Its folder's name, which is also the id under which a server serves it. */
export const TINY_MODEL = "tiny-qwen3";
/** The folder above it, from which a server is started. */
export const modelsFolder = join(here, ".models");
const folder = join(modelsFolder, TINY_MODEL);

/** A small Qwen3 checkpoint that answers in the asked form, for PyTorch and as ONNX; `null` where set-up could not make it. */
export function tinyModel(): string | null {
  return isPrepared(folder, wanted()) ? folder : null;
}

/** @throws Error without Python. */
export async function ensureTinyModel(log: (line: string) => void): Promise<void> {
  const interpreter = python();
  if (interpreter === null) throw new Error("it is made with Python");
  await prepare(folder, wanted(), async () => {
    log("making the tiny model (once; about half a minute)");
    await runOrThrow(interpreter, [maker, folder], { env: ONE_THREAD, timeoutMs: 600_000 });
  });
}
