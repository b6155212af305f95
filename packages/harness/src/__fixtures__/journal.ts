import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import type { AttemptRecord, HeaderRecord } from "../journal/record.js";
import { JournalWriter } from "../journal/writer.js";

export const NEW = { end: 0, lacksNewline: false };

export const header: HeaderRecord = {
  type: "header",
  format: 1,
  condition: {
    dataset: "nq",
    split: "test",
    model: "m",
    cues: false,
    thinking: true,
    sampling: { temperature: 1, topP: 1 },
    seed: null,
    checkpoint: null,
    settings: {},
    grading: 1,
  },
  conditionHash: "0".repeat(16),
  fingerprint: { source: "test", revision: null, sha256: "0", numRows: 1 },
  provenance: { "@pka/harness": "0.0.0", git: null },
  startedAt: "2026-01-01T00:00:00.000Z",
};

export function attempt(id: string, text = "é"): AttemptRecord {
  return {
    type: "attempt",
    id,
    hash: "0",
    sample: 0,
    attempt: 1,
    outcome: "answered",
    startedAt: header.startedAt,
    elapsedMs: 1.5,
    completion: { text, finishReason: "stop", usage: {}, numTokens: 1, attempts: 1 },
    verdict: { task: "qa", extractedPrediction: text, exactMatch: true, recall: true },
  };
}

export function failedAttempt(id: string): AttemptRecord {
  const { completion: _, verdict: __, ...rest } = attempt(id);
  return { ...rest, outcome: "error", error: { kind: "timeout", message: "late", attempts: 1 } };
}

/** A header and `records` − 1 attempts, `nq/1` …, in a folder that goes with the test. */
export async function writeJournal(
  records: number,
  record: (id: string) => AttemptRecord = attempt,
): Promise<{ path: string; bytes: Buffer; lineEnds: number[] }> {
  const path = join(temporaryFolder(), "j.jsonl");
  const writer = new JournalWriter(path, NEW);
  const attempts = Array.from({ length: records - 1 }, (_, i) => record(`nq/${i + 1}`));
  await Promise.all([header, ...attempts].map((line) => writer.append(line)));
  await writer.close();
  const bytes = readFileSync(path);
  const lineEnds = [...bytes.keys()].filter((at) => bytes[at] === 0x0a);
  return { path, bytes, lineEnds };
}
