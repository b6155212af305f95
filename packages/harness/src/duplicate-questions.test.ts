import { loadDataset } from "@pka/datasets";
import { HAS_SHARED, SHARED, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { collect, completion, modelOf, optionsOf } from "./__fixtures__/run.js";
import { compareResults } from "./compare/compare-results.js";
import { evaluate } from "./evaluate.js";
import { readJournal } from "./journal/read.js";
import { readResultRows } from "./result/read-result-rows.js";

test.skipIf(!HAS_SHARED)(
  `StrategyQA has 2,061 rows and 2,060 questions: stopped between the twins and continued, 2,061 rows come out${SKIPPED}`,
  async () => {
    const { examples } = await loadDataset("strategyqa", { dataDir: `${SHARED}/data` });
    const twin = examples.findLastIndex(({ question }, i) => examples.findIndex((x) => x.question === question) < i);
    const outputDir = temporaryFolder();
    const model = modelOf(() => completion("<answer>yes</answer>"));
    const half = await evaluate(optionsOf(outputDir, examples.slice(0, twin), model));
    expect(half.summary.total).toBe(twin);
    const report = await evaluate(optionsOf(outputDir, examples, model));
    expect(report).toMatchObject({ resumed: twin, asked: 2_061 - twin, summary: { total: 2_061, finished: 2_061 } });

    const results = await readResultRows(report.resultPath, { columns: ["answers"] });
    expect(results.rows.map(({ question }) => question)).toEqual(examples.map(({ question }) => question));
    const records = await collect(readJournal(report.journalPath));
    const ids = records.flatMap((record) => (record.type === "attempt" ? [record.id] : []));
    expect(new Set(ids).size).toBe(2_061);
    expect(ids).toHaveLength(2_061);
    expect(compareResults(results, results).pairing).toMatchObject({ numPairs: 2_061, numQuestions: 2_060 });
  },
);
