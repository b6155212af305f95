/** Fields in which a metric stands; the first that a row has counts, whatever it holds. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  recall: ["recalled", "recall"],
  exact_match: ["exact_match", "em"],
  em: ["exact_match", "em"],
};

/**
 * The verdict of one row, by Python's truth: `0`, `""`, `null`, `[]` and `{}` are false, `"false"` is true.
 *
 * @param metric - As result files name it: `recall` (also `recalled`, which wins), `exact_match` (or `em`), `correct`, or any field.
 * @returns `undefined` when the row does not carry the metric. The paper's script takes that for a wrong answer.
 * @see `sigtest.py` of arXiv 2602.22193.
 */
export function metricValue(row: Readonly<Record<string, unknown>>, metric: string): boolean | undefined {
  const fields = Object.hasOwn(FIELDS, metric) ? FIELDS[metric]! : [metric];
  const field = fields.find((name) => Object.hasOwn(row, name));
  return field === undefined ? undefined : isTrue(row[field]);
}

function isTrue(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
