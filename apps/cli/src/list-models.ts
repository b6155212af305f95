import { MODELS } from "@pka/models";
import { table } from "./format.js";
import { printJson } from "./print-json.js";

/** `pka models`. */
export function listModels(options: { json?: true }): void {
  if (options.json) {
    printJson({ schema: 1, models: MODELS });
    return;
  }
  const rows = MODELS.map(({ name, provider, thinkingModes, needs }) => [
    name,
    provider,
    thinkingModes.map((mode) => (mode ? "yes" : "no")).join(", "),
    needs,
  ]);
  console.log(table(["--model", "provider", "--thinking", "needs"], rows));
}
