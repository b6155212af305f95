import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "./testing/http-server.js";
import { DownloadError } from "./errors.js";
import { loadDataset, type LoadDatasetOptions } from "./load-dataset.js";

const CSV = "metadata,problem,answer\n{},Who?,Me\n{},When?,Now\n";

/** Every address is answered by one local server with the same content. */
async function web(content: string) {
  const server = await startServer((_request, response) => response.end(content));
  onTestFinished(() => server.close());
  const asked: string[] = [];
  const local: typeof fetch = (input, init) => {
    asked.push(new Request(input).url);
    return fetch(server.url, init);
  };
  const cacheDir = temporaryFolder();
  const load = (name: string, { hub, ...options }: LoadDatasetOptions = {}) =>
    loadDataset(name, { fetch: local, ...options, hub: { cacheDir, ...hub } });
  return { server, asked, cacheDir, load };
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

test("SimpleQA is downloaded from its address once and then used from the cache, network or not", async () => {
  const { server, asked, cacheDir, load } = await web(CSV);
  const first = await load("simpleqa");
  expect(first.examples.map(({ question }) => question)).toEqual(["Who?", "When?"]);
  expect(first.fingerprint).toMatchObject({
    source: "https://openaipublic.blob.core.windows.net/simple-evals/simple_qa_test_set.csv",
    revision: null,
    numRows: 2,
  });
  expect(await readFile(join(cacheDir, "pka", "SimpleQA", "simple_qa_test_set.csv"), "utf8")).toBe(CSV);

  await server.close();
  expect(await load("simpleqa")).toEqual(first);
  expect(await load("simpleqa", { hub: { offline: true } })).toEqual(first);
  expect(asked).toHaveLength(1);
});

test("the folder of downloaded files serves as a data directory elsewhere", async () => {
  const { cacheDir, load } = await web(CSV);
  const { examples } = await load("simpleqa");
  const elsewhere = await loadDataset("simpleqa", { dataDir: join(cacheDir, "pka"), hub: { offline: true } });
  expect(elsewhere.examples).toEqual(examples);
});

test("what the data directory lacks is downloaded", async () => {
  const { load, asked } = await web(CSV);
  const dataDir = temporaryFolder({ "NQ/NQ-open.dev.jsonl": '{"question": "q", "answer": ["a"]}\n' });
  expect((await load("nq", { dataDir })).fingerprint.source).toBe("data-dir:NQ/NQ-open.dev.jsonl");
  expect(asked).toEqual([]);
  expect((await load("simpleqa", { dataDir })).examples).toHaveLength(2);
  expect(asked).toHaveLength(1);
});

test.each([
  {
    name: "nq",
    address:
      /^https:\/\/raw\.githubusercontent\.com\/google-research-datasets\/natural-questions\/[0-9a-f]{40}\/nq_open\/NQ-open\.dev\.jsonl$/,
  },
  {
    name: "strategyqa",
    address:
      /^https:\/\/raw\.githubusercontent\.com\/eladsegal\/strategyqa\/[0-9a-f]{40}\/data\/strategyqa\/train\.json$/,
  },
])("$name: anything but the pinned content of its address is refused and not kept", async ({ name, address }) => {
  const { asked, cacheDir, load } = await web('{"question": "forged?", "answer": ["yes"]}\n');
  const error = await failure(load(name));
  expect(error).toBeInstanceOf(DownloadError);
  expect(String(error)).toContain("what arrived is not what was announced");
  expect(asked).toEqual([expect.stringMatching(address)]);
  expect(readdirSync(cacheDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([]);
});

test("the hub's token is not sent to other sources", async () => {
  const { server, load } = await web(CSV);
  await load("simpleqa", { hub: { token: "hf_canary" } });
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test("offline without the file: an error that says what to do", async () => {
  const { asked, load } = await web(CSV);
  const error = await failure(load("simpleqa", { hub: { offline: true } }));
  expect(String(error)).toMatch(
    /simple_qa_test_set\.csv: is not in the cache .* or give a data directory that holds it/,
  );
  expect(asked).toEqual([]);
});

test("four loads at once download one time", async () => {
  const { server, load } = await web(CSV);
  await Promise.all([load("simpleqa"), load("simpleqa"), load("simpleqa"), load("simpleqa")]);
  expect(server.requests).toHaveLength(1);
});
