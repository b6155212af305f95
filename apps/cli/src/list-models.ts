import { MODELS } from "@pka/models";
import { table } from "./format.js";

/** `pka models`. */
export function listModels(options: { json?: true }): void {
  if (options.json) {
    console.log(JSON.stringify({ schema: 1, models: MODELS }, null, 2));
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
