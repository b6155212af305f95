import { pythonJson, type PythonJsonValue } from "./python-json.js";

/** A list at the top level of a result file, as Python's `json.dump(…, indent=2)` writes it, piece by piece. */
export function* listPieces(key: string, items: Iterable<PythonJsonValue>): Generator<string> {
  let isEmpty = true;
  yield `  "${key}": [`;
  for (const item of items) {
    yield `${isEmpty ? "" : ","}\n    ${pythonJson(item, 2)}`;
    isEmpty = false;
  }
  yield isEmpty ? "]" : "\n  ]";
}
