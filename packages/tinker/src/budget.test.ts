import { expect, test } from "vitest";
import { Budget } from "./budget.js";
import { openClient } from "./testing/open-client.js";
import { startTinkerStub } from "./testing/tinker-stub.js";

/** Work that ends when it is told to. */
function job() {
  let end!: () => void;
  const done = new Promise<void>((resolve) => (end = resolve));
  return { end, work: () => done };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("who comes first is served first, also where a later one would fit", async () => {
  const budget = new Budget(10);
  const order: string[] = [];
  const first = job();
  const use = (name: string, amount: number, work: () => Promise<void>) =>
    budget.use(amount, () => {
      order.push(name);
      return work();
    });
  const all = [use("a", 6, first.work), use("b", 8, () => Promise.resolve()), use("c", 1, () => Promise.resolve())];
  await turn();
  expect(order).toEqual(["a"]);
  first.end();
  await Promise.all(all);
  expect(order).toEqual(["a", "b", "c"]);
});

test("more than there is at all waits for everything, and failed work gives its share back", async () => {
  const budget = new Budget(10);
  await expect(budget.use(99, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await budget.use(10, () => Promise.resolve(1))).toBe(1);
});

test("an abort takes the waiting out of the line", async () => {
  const budget = new Budget(1);
  const first = job();
  const controller = new AbortController();
  const running = budget.use(1, first.work);
  const waiting = budget.use(1, () => Promise.resolve("never"), controller.signal);
  const last = budget.use(1, () => Promise.resolve("last"));
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  first.end();
  await running;
  expect(await last).toBe("last");
});

test("no more samples are on their way than the service allows", async () => {
  let open = 0;
  let most = 0;
  const stub = await startTinkerStub({
    config: { sample_max_concurrent_requests: 2 },
    answer: ({ path, json }) => {
      if (path === "/asample") most = Math.max(most, (open += 1));
      // The stub gives a result at the second poll.
      if (path === "/retrieve_future" && json.request_id.startsWith("sample")) seen(json.request_id);
      return undefined;
    },
  });
  const polls = new Map<string, number>();
  const seen = (id: string) => {
    polls.set(id, (polls.get(id) ?? 0) + 1);
    if (polls.get(id) === 2) open -= 1;
  };
  const sampler = await openClient(stub).createSamplingClient({ baseModel: "stub/base" });
  await Promise.all(Array.from({ length: 6 }, () => sampler.sample({ prompt: [1], params: { maxTokens: 1 } })));
  expect(most).toBe(2);
  expect(new Set(stub.to("/asample").map(({ json }) => json.seq_id)).size).toBe(6);
});
