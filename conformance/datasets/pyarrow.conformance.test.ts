import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDataset } from "@pka/datasets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python } from "../python.js";
import { runOrThrow } from "../run.js";

interface Expected {
  readonly variants: readonly string[];
  readonly examples: readonly (readonly [question: string, aliases: readonly string[]])[];
  readonly sha256: string;
}

const interpreter = python();

describe.skipIf(interpreter === null)(
  `TriviaQA as pyarrow writes it${interpreter === null ? " (skipped: no Python environment)" : ""}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "pka-pyarrow-"));
    let expected: Expected;

    beforeAll(async () => {
      await runOrThrow(interpreter!, [join(import.meta.dirname, "write_triviaqa.py"), folder], { timeoutMs: 120_000 });
      expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected;
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** A data directory whose TriviaQA is the variant. */
    function load(variant: string) {
      const dataDir = join(folder, `${variant}-data`);
      const place = join(dataDir, "hub", "datasets", "mandarjoshi", "trivia_qa", "rc.nocontext");
      mkdirSync(place, { recursive: true });
      symlinkSync(join(folder, `${variant}.parquet`), join(place, "validation-00000-of-00001.parquet"));
      return loadDataset("triviaqa", { dataDir, hub: { offline: true } });
    }

    test("every way of storing the rows gives the same questions and aliases", async () => {
      expect(expected.variants).toHaveLength(15);
      for (const variant of expected.variants) {
        const { examples, fingerprint } = await load(variant);
        const rows = examples.map((example) => [example.question, example.task === "qa" ? example.answers : []]);
        expect(rows, variant).toEqual(expected.examples);
        expect(fingerprint, variant).toMatchObject({ sha256: expected.sha256, numRows: expected.examples.length });
      }
    });

    test.each([
      { variant: "null-question", field: "question" },
      { variant: "null-answer", field: "answer" },
      { variant: "null-aliases", field: "answer.normalized_aliases" },
      { variant: "null-alias", field: "answer.normalized_aliases[1]" },
    ])("$variant: an error that names row and field", async ({ variant, field }) => {
      const error: unknown = await load(variant).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "dataset_row_invalid", row: 1235, field });
    });
  },
);
