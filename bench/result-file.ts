import { closeSync, openSync, writeSync } from "node:fs";

/**
 * An invented result file as Python's `json.dump(…, indent=2)` writes it.
 *
 * @param file.length - Characters of each answer.
 * @param file.modulus - Every so many-th answer is right.
 */
export function writeResultFile(path: string, file: { rows: number; length: number; modulus: number }): void {
  const handle = openSync(path, "w");
  const filler = "Let me think about who that was; it may have been someone else. "
    .repeat(Math.ceil(file.length / 64))
    .slice(0, file.length);
  writeSync(handle, '{\n  "results": [');
  for (let row = 0; row < file.rows; row++) {
    const isRight = row % file.modulus === 0;
    const answer = isRight ? "Paris" : "Rome";
    const lines = [
      `"question": "Which city is number ${row}?"`,
      '"ground_truth": [\n        "Paris",\n        "City of Light"\n      ]',
      `"raw_prediction": "${filler}</think><answer>${answer}</answer>"`,
      `"extracted_prediction": "${answer}"`,
      `"num_tokens": ${200 + (row % 50)}`,
      `"exact_match": ${isRight}`,
      `"recall": ${isRight}`,
    ];
    writeSync(handle, `${row === 0 ? "" : ","}\n    {\n      ${lines.join(",\n      ")}\n    }`);
  }
  writeSync(handle, '\n  ],\n  "errors": []\n}');
  closeSync(handle);
}
