/** Compare two result files in the browser, without a server: the files of `pka eval` or of the paper's scripts. */
import { bootstrapDifference, mcnemar, pairedTable, pairRows } from "@pka/stats";
import * as z from "zod";

const resultSchema = z.object({ results: z.array(z.object({ question: z.string(), recall: z.boolean() })).min(1) });
type Row = z.infer<typeof resultSchema>["results"][number];

const inputs = ["first", "second"].map((id) => document.querySelector<HTMLInputElement>(`#${id}`)!);
const verdict = document.querySelector("output")!;
for (const input of inputs) input.addEventListener("change", () => void update());

async function update(): Promise<void> {
  const files = inputs.map((input) => input.files?.[0]);
  if (!files[0] || !files[1]) return;
  try {
    verdict.textContent = compare(await read(files[0]), await read(files[1]));
  } catch (error) {
    verdict.textContent = (error as Error).message;
  }
}

async function read(file: File): Promise<Row[]> {
  const text = await file.text();
  try {
    return resultSchema.parse(JSON.parse(text)).results;
  } catch {
    throw new Error(`${file.name} is not a result file of questions with short answers`);
  }
}

function compare(first: readonly Row[], second: readonly Row[]): string {
  const { pairs, unmatched } = pairRows(first, second, { key: ({ question }) => question });
  if (pairs.length === 0) return "The files have no question in common.";
  const table = pairedTable(
    pairs.map((pair) => pair.first.recall),
    pairs.map((pair) => pair.second.recall),
  );
  const differences = pairs.map((pair) => Number(pair.first.recall) - Number(pair.second.recall));
  const { difference, lower, upper } = bootstrapDifference(differences, { seed: 0 });
  const { pValue } = mcnemar(table);
  const points = [difference, lower, upper].map((share) => (100 * share).toFixed(1));
  const left = unmatched.first.length + unmatched.second.length;
  return (
    `${pairs.length} pairs${left > 0 ? `, ${left} rows without a partner` : ""}. First − second: ` +
    `${points[0]} points [${points[1]}, ${points[2]}], p = ${pValue === null ? "–" : pValue.toPrecision(2)}`
  );
}
