import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { runPka } from "./testing/run-pka.js";
import { serveThroughout } from "./testing/serve-throughout.js";

interface Document {
  readonly schema: number;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly detail: string }[];
}

const cacheDir = mkdtempSync(join(tmpdir(), "pka-doctor-"));
let asked = 0;
let dateOf = () => new Date();
const server = serveThroughout((request, response) => {
  asked += 1;
  const names = ["one", "two\u001b[31m", "three", "four"];
  response.writeHead(request.url?.endsWith("/models") ? 200 : 404, { date: dateOf().toUTCString() });
  response.end(JSON.stringify({ data: names.map((id) => ({ id })) }));
});

async function doctor(...more: string[]): Promise<{ exitCode: number | null; checks: Document["checks"] }> {
  const env = {
    HF_HUB_CACHE: cacheDir,
    ...(more.includes("--offline") ? { HF_ENDPOINT: server.url } : { HF_HUB_OFFLINE: "1" }),
  };
  const { exitCode, stdout } = await runPka(["doctor", "--json", "--base-url", `${server.url}/v1`, ...more], env);
  const { schema, checks } = JSON.parse(stdout) as Document;
  expect(schema).toBe(1);
  return { exitCode, checks };
}

test("a server's models are named, and its clock is compared with this one", async () => {
  const { exitCode, checks } = await doctor();
  const served = checks.find(({ name }) => name.startsWith("server"));
  expect(served).toMatchObject({ status: "ok", detail: "it answers: one, two, three, and 1 more" });
  expect(checks.find(({ name }) => name === "clock")).toMatchObject({ status: "ok" });
  expect(exitCode).toBe(EXIT.done);

  dateOf = () => new Date(Date.now() - 7_200_000);
  const wrong = await doctor();
  expect(wrong.checks.find(({ name }) => name === "clock")?.detail).toMatch(/is 7\d{3} s ahead of a server's/);
  expect(wrong.exitCode).toBe(EXIT.failed);
});

test("--offline asks no server, and a damaged file in the cache is named", async () => {
  const before = asked;
  const blobs = join(cacheDir, "datasets--hotpotqa--hotpot_qa", "blobs");
  mkdirSync(blobs, { recursive: true });
  const name = createHash("sha256").update("whole").digest("hex");
  writeFileSync(join(blobs, name), "whole");
  const whole = await doctor("--offline");
  expect(whole.checks.find((check) => check.name === "cached datasets")).toMatchObject({ status: "ok" });
  expect(whole.checks.filter(({ status }) => status === "skipped")).toHaveLength(2);
  expect(whole.exitCode).toBe(EXIT.done);

  writeFileSync(join(blobs, name), "torn");
  const torn = await doctor("--offline");
  expect(torn.checks.find((check) => check.name === "cached datasets")?.detail).toContain(`${name} is damaged`);
  expect(torn.exitCode).toBe(EXIT.failed);
  expect(asked).toBe(before);
});
