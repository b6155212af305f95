import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HAS_SHARED, SHARED, SKIPPED, temporaryFolder } from "@pka/fault-kit";
import { describe, expect, onTestFinished, test } from "vitest";
import { startServer } from "./testing/http-server.js";
import { loadDataset, type LoadedDataset } from "./load-dataset.js";
import { DATASETS } from "./registry.js";

const DATA = join(SHARED, "data");

const identity = ({ examples }: LoadedDataset): string => examples.map(({ id, hash }) => `${id} ${hash}`).join("\n");

describe.skipIf(!HAS_SHARED)(`the real files${SKIPPED}`, () => {
  test.each([
    { name: "nq", numRows: 3_610, first: "when was the last time anyone was on the moon" },
    { name: "hotpotqa", numRows: 7_405, first: "Were Scott Derrickson and Ed Wood of the same nationality?" },
    { name: "simpleqa", numRows: 4_326, first: "Who received the IEEE Frank Rosenblatt Award in 2010?" },
    { name: "strategyqa", numRows: 2_061, first: "Are more people today related to Genghis Khan than Julius Caesar?" },
    {
      name: "math",
      numRows: 5_000,
      first: "How many vertical asymptotes does the graph of $y=\\frac{2}{x^2+x-6}$ have?",
    },
  ])("$name: $numRows rows, over the network, then with the network cut", async ({ name, numRows, first }) => {
    const server = await startFolderServer();
    const cacheDir = temporaryFolder();
    const load = () => loadDataset(name, { hub: { endpoint: server.url, cacheDir }, fetch: server.fetch });
    const online = await load();
    expect(online.examples).toHaveLength(numRows);
    expect(online.examples[0]!.question).toBe(first);
    expect(online.fingerprint.numRows).toBe(DATASETS[online.name].rows[online.split]);
    expect(server.requests.length).toBeGreaterThan(0);

    await server.close();
    const cut = await load();
    expect(cut.fingerprint).toEqual(online.fingerprint);
    expect(identity(cut)).toBe(identity(online));

    const given = await loadDataset(name, { dataDir: DATA, hub: { offline: true } });
    expect(identity(given)).toBe(identity(online));
    expect(given.fingerprint.sha256).toBe(online.fingerprint.sha256);
  });

  test("StrategyQA has one question twice, and both rows are kept", async () => {
    const warnings: string[] = [];
    const logger = { info() {}, warn: (message: string) => void warnings.push(message) };
    const { examples } = await loadDataset("strategyqa", { dataDir: DATA, logger });
    expect(new Set(examples.map(({ question }) => question)).size).toBe(2_060);
    expect(new Set(examples.map(({ id }) => id)).size).toBe(2_061);
    expect(warnings).toEqual([expect.stringContaining("1 rows repeat the question")]);
  });

  test("MATH holds its configurations in the paper's order", async () => {
    const { examples } = await loadDataset("math", { dataDir: DATA });
    const counts = new Map<string, number>();
    for (const example of examples)
      if (example.task === "math") counts.set(example.type, (counts.get(example.type) ?? 0) + 1);
    expect([...counts]).toEqual([
      ["algebra", 1187],
      ["counting_and_probability", 474],
      ["geometry", 479],
      ["intermediate_algebra", 903],
      ["number_theory", 540],
      ["prealgebra", 871],
      ["precalculus", 546],
    ]);
  });
});

/** The shared folder as a stand-in for the hub, and, for files that are not on a hub, for the web. */
async function startFolderServer() {
  const elsewhere: Readonly<Record<string, string>> = {
    "NQ-open.dev.jsonl": "NQ/NQ-open.dev.jsonl",
    "simple_qa_test_set.csv": "SimpleQA/simple_qa_test_set.csv",
    "train.json": "StrategyQA/strategyqa_train.json",
  };
  const server = await startServer((request, response) => {
    const path = request.url!.split("/").map(decodeURIComponent);
    const file = join(DATA, ...(elsewhere[path.at(-1)!]?.split("/") ?? ["hub", ...path]));
    readFile(file).then(
      (content) => response.writeHead(200, { "content-length": content.length }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  onTestFinished(() => server.close());
  const local: typeof fetch = (input, init) =>
    fetch(new URL(new URL(new Request(input).url).pathname, server.url), init);
  return { ...server, fetch: local };
}
