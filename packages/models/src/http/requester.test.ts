import { ModelError, Random, retryAfterMs } from "@pka/core";
import { VirtualClock } from "@pka/fault-kit";
import { expect, test } from "vitest";
import type { Endpoint } from "./endpoint.js";
import { RequestFailure } from "./request-failure.js";
import { Requester, type RequestOptions } from "./requester.js";
import type { Ending } from "./with-deadline.js";

let numServers = 0;

/** A requester in virtual time. Nothing is sent: the attempts of these tests stand for the server. */
function setUp(options: RequestOptions & { readonly servers?: number } = {}) {
  const clock = new VirtualClock();
  const seeded = new Random(1);
  const random = () => seeded.next();
  const baseUrls = Array.from({ length: options.servers ?? 1 }, () => `http://server-${(numServers += 1)}.test/v1`);
  const hints = { apiKey: undefined, keyHint: "", serverHint: "" };
  const requester = new Requester({ baseUrls, ...hints }, { clock, random, ...options });
  return { clock, requester };
}

const serverError = () => new RequestFailure("500", { kind: "overloaded", mayHaveRun: true });
const refusal = (retryAfter?: number) =>
  new RequestFailure("429", {
    kind: "rate-limit",
    isRefusal: true,
    ...(retryAfter !== undefined && { retryAfterMs: retryAfter }),
  });

/** As real clocks are: time passes between two readings, and a timer fires a moment before its time. */
class RestlessClock extends VirtualClock {
  #drift = 0;

  override now(): number {
    return super.now() + (this.#drift += 0.3);
  }

  override after(ms: number, callback: () => void): () => void {
    return super.after(ms - 0.5, callback);
  }
}

test("a pause that ends between two looks at the clock is not slept through", async () => {
  const clock = new RestlessClock();
  const { requester } = setUp({ clock });
  for (let question = 0; question < 200; question += 1) {
    let isRefused = false;
    const attempt = async () => {
      if (isRefused) return "answered";
      isRefused = true;
      throw refusal();
    };
    expect(await clock.run(requester.send(attempt))).toMatchObject({ value: "answered", attempts: 2 });
  }
});

const STORM_MS = 60_000;

test.each([
  "",
  "0",
  "0.5",
  "120",
  "Thu, 01 Jan 2026 00:00:45 GMT",
  "Wed, 21 Oct 2015 07:28:00 GMT",
  "Wed, 21 Oct 2099 07:28:00 GMT",
  "1e9",
  "soon",
])(
  "a 429 storm of a minute with Retry-After %j: few requests during it, all 2000 answered after it, at full speed again",
  async (header) => {
    const concurrency = 16;
    const { clock, requester } = setUp({ maxConcurrency: concurrency });
    const headers = new Headers(header === "" ? {} : { "retry-after": header });
    let numRefused = 0;
    let maxInFlight = 0;
    let inFlight = 0;
    const answeredAt: number[] = [];
    const attempt = async () => {
      inFlight += 1;
      maxInFlight = Math.max(maxInFlight, inFlight);
      const isStorm = clock.now() >= 5_000 && clock.now() < 5_000 + STORM_MS;
      await clock.sleep(isStorm ? 5 : 100);
      inFlight -= 1;
      if (isStorm) {
        numRefused += 1;
        throw refusal(retryAfterMs(headers, clock.wallNow()));
      }
      answeredAt.push(clock.now());
    };

    // As a harness would: a window of questions in progress.
    let next = 0;
    const worker = async () => {
      while (next < 2000) {
        next += 1;
        await requester.send(attempt);
      }
    };
    await clock.run(Promise.all(Array.from({ length: concurrency }, worker)));

    expect(answeredAt).toHaveLength(2000);
    expect(maxInFlight).toBeLessThanOrEqual(concurrency);
    // Those in flight when it began, one probe per pause of at least half a second growing to 30 s, nothing else.
    expect(numRefused).toBeLessThanOrEqual(1.1 * concurrency + 12);
    // 16 in flight, 100 ms each: 160 a second is full speed.
    const end = answeredAt.at(-1)!;
    const lastSecond = answeredAt.filter((at) => at > end - 1_100 && at <= end - 100).length;
    expect(lastSecond).toBeGreaterThan(0.9 * 160);
    expect(end).toBeLessThan(5_000 + STORM_MS + 15 * 60_000 + 60_000);
  },
);

test("answers of others keep coming while one request is retried", async () => {
  const { clock, requester } = setUp();
  let numTries = 0;
  const flaky = requester.send(async () => {
    numTries += 1;
    if (numTries < 3) throw serverError();
    return "late";
  });
  const quick = requester.send(async () => {
    await clock.sleep(10);
    return clock.now();
  });
  expect((await clock.run(quick)).value).toBe(10);
  expect(await clock.run(flaky)).toEqual({ value: "late", attempts: 3, possiblyBilled: 2 });
});

test.each([
  { name: "may have been billed", failure: serverError, attempts: 3, possiblyBilled: 3 },
  { name: "was refused", failure: () => refusal(), attempts: 10 },
  {
    name: "never reached a server that never answered",
    failure: () => new RequestFailure("refused", { kind: "connection", isRefusal: true }),
    attempts: 3,
  },
  { name: "cannot succeed", failure: () => new RequestFailure("400", { kind: "invalid-request" }), attempts: 1 },
  { name: "found no credit", failure: () => new RequestFailure("429", { kind: "quota" }), attempts: 1 },
  {
    name: "the server says not to retry",
    failure: () => new RequestFailure("500", { kind: "overloaded", isRetryable: false }),
    attempts: 1,
  },
])("a request that $name is sent $attempts times at most", async ({ failure, attempts, possiblyBilled = 0 }) => {
  const { clock, requester } = setUp();
  let numSent = 0;
  const work = requester.send(async () => {
    numSent += 1;
    throw failure();
  });
  await expect(clock.run(work)).rejects.toMatchObject({ code: "model_error", attempts, possiblyBilled });
  expect(numSent).toBe(attempts);
});

test("a server that answered before and is gone is waited for: a minute, where no draw of the jitter is lucky or unlucky", async () => {
  const { clock, requester } = setUp({ random: () => 0.5 });
  await clock.run(requester.send(async () => "up"));
  const work = requester.send(async () => {
    if (clock.now() < 60_000) throw new RequestFailure("refused", { kind: "connection", isRefusal: true });
    return "up again";
  });
  const { value, attempts } = await clock.run(work);
  expect(value).toBe("up again");
  expect(attempts).toBeGreaterThan(3);
});

test("a long Retry-After of a server error is cut to a minute", async () => {
  const { clock, requester } = setUp();
  let numSent = 0;
  const work = requester.send(async () => {
    numSent += 1;
    if (numSent === 1) throw new RequestFailure("502", { kind: "overloaded", mayHaveRun: true, retryAfterMs: 2.2e12 });
    return clock.now();
  });
  expect((await clock.run(work)).value).toBe(60_000);
});

test("a request that takes longer than the deadline fails as a timeout, and its end comes", async () => {
  const { clock, requester } = setUp({ timeoutMs: 1000, maxAttempts: 1 });
  let seen: Ending | undefined;
  const work = requester.send(async (_, ending) => {
    seen = ending;
    await new Promise((_resolve, reject) => ending.onCome(() => reject(new Error("stopped"))));
  });
  await expect(clock.run(work)).rejects.toMatchObject({
    kind: "timeout",
    message: expect.stringContaining("within 1 s"),
  });
  expect(seen!.hasCome).toBe(true);
  expect(clock.now()).toBe(1000);
});

test.each(["in flight", "waiting for a retry", "waiting for room", "before the start"])(
  "cancelled while %s: rejects with the reason, at once",
  async (moment) => {
    const { clock, requester } = setUp({ maxConcurrency: 1 });
    const controller = new AbortController();
    const reason = new Error("stopped by the user");
    if (moment === "before the start") controller.abort(reason);
    if (moment === "waiting for room") void requester.send(() => clock.sleep(100_000));
    const work = requester.send(async (_, ending) => {
      if (moment === "waiting for a retry") throw serverError();
      await new Promise((_resolve, reject) => ending.onCome(() => reject(new Error("connection closed"))));
    }, controller.signal);
    clock.after(1, () => controller.abort(reason));
    await expect(clock.run(work)).rejects.toBe(reason);
    expect(clock.now()).toBeLessThanOrEqual(1);
  },
);

test("a place that a cancelled request gave back is used by the next one", async () => {
  const { clock, requester } = setUp({ maxConcurrency: 1 });
  const controller = new AbortController();
  const first = requester.send(
    (_, ending) => new Promise((_resolve, reject) => ending.onCome(() => reject(new Error("closed")))),
    controller.signal,
  );
  first.catch(() => {});
  const second = requester.send(async () => "second");
  clock.after(5, () => controller.abort());
  expect((await clock.run(second)).value).toBe("second");
});

test("several servers share the requests, and one that is gone is passed over", async () => {
  const { clock, requester } = setUp({ servers: 3 });
  const dead = requester.endpoints[1]!;
  const counts = new Map<Endpoint, number>();
  const attempt = async (endpoint: Endpoint) => {
    counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
    if (endpoint === dead) throw new RequestFailure("refused", { kind: "connection", isRefusal: true });
    await clock.sleep(100);
  };
  let next = 0;
  const worker = async () => {
    while (next < 400) {
      next += 1;
      await requester.send(attempt);
    }
  };
  await clock.run(Promise.all(Array.from({ length: 12 }, worker)));
  const [a, b, c] = requester.endpoints.map((endpoint) => counts.get(endpoint) ?? 0);
  expect(a! + c!).toBe(400);
  expect(Math.abs(a! - c!)).toBeLessThan(80);
  expect(b).toBeLessThanOrEqual(12);
});

test("maxConcurrency bounds each model by itself, though they share what was learned about a server", async () => {
  const clock = new VirtualClock();
  const servers = { baseUrls: ["http://shared.test/v1"], apiKey: "k", keyHint: "", serverHint: "" };
  const [narrow, wide] = [2, 6].map((maxConcurrency) => new Requester(servers, { clock, maxConcurrency }));
  const inFlight = new Map<Requester, number>();
  const most = new Map<Requester, number>();
  const load = (requester: Requester) =>
    Array.from({ length: 30 }, () =>
      requester.send(async () => {
        const now = (inFlight.get(requester) ?? 0) + 1;
        inFlight.set(requester, now);
        most.set(requester, Math.max(now, most.get(requester) ?? 0));
        await clock.sleep(10);
        inFlight.set(requester, inFlight.get(requester)! - 1);
      }),
    );
  await clock.run(Promise.all([...load(narrow!), ...load(wide!)]));
  expect(most.get(narrow!)).toBe(2);
  expect(most.get(wide!)).toBe(6);
  expect(narrow!.endpoints[0]!.limiter).toBe(wide!.endpoints[0]!.limiter);
});

test("an error that is no request failure is passed on as it is", async () => {
  const { clock, requester } = setUp();
  const mistake = new TypeError("a mistake in the program");
  await expect(clock.run(requester.send(() => Promise.reject(mistake)))).rejects.toBe(mistake);
});

test("tells the logger of pauses: more than a minute as a warning, shorter ones as information", async () => {
  const lines: string[] = [];
  const logger = {
    info: (text: string) => lines.push(`info ${text}`),
    warn: (text: string) => lines.push(`warn ${text}`),
  };
  const { clock, requester } = setUp({ logger });
  const hints = [120_000, 2_000];
  await clock.run(
    requester.send(async () => {
      const hint = hints.shift();
      if (hint !== undefined) throw refusal(hint);
    }),
  );
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe("warn 429. Pausing for 120 s, then at most 1 at a time");
  expect(lines[1]).toMatch(/^info 429\. Pausing for \d\.\d s/);
});

test.each([
  { option: "maxConcurrency", value: 0 },
  { option: "maxAttempts", value: 1.5 },
  { option: "timeoutMs", value: Number.NaN },
])("refuses $option = $value by name", ({ option, value }) => {
  expect(() => setUp({ [option]: value })).toThrow(`${option} must be a whole number of at least 1, not ${value}`);
});

test("errors carry the number of requests and are ModelErrors", async () => {
  const { clock, requester } = setUp();
  const error: unknown = await clock.run(
    requester.send(() => Promise.reject(serverError())).catch((caught: unknown) => caught),
  );
  expect(error).toBeInstanceOf(ModelError);
  expect(error).toMatchObject({ attempts: 3, message: "500 (after 3 attempts)", isRetryable: true });
});
