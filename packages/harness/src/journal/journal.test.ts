import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { attempt, failedAttempt, header, NEW, writeJournal } from "../__fixtures__/journal.js";
import { collect } from "../__fixtures__/run.js";
import { JournalDamagedError } from "../errors.js";
import { encodeLine, MAX_LINE_BYTES } from "./line.js";
import { readJournal, scanJournal } from "./read.js";
import { JournalWriter } from "./writer.js";

test("what is appended is read back, long records and hostile text included", async () => {
  const path = join(temporaryFolder(), "j.jsonl");
  const writer = new JournalWriter(path, NEW);
  const records = [header, attempt("nq/1", "\ud800\0"), attempt("nq/2", "😀".repeat(1_000_000)), attempt("nq/3")];
  const places = await Promise.all(records.map((record) => writer.append(record)));
  await writer.close();
  expect(await collect(readJournal(path))).toEqual(records);
  const entries = await collect(scanJournal(path));
  expect(entries.map(({ offset, length }) => ({ offset, length }))).toEqual(places);
});

test("cut at any byte, a journal opens, keeps every whole record and can be continued", async () => {
  const { path, bytes, lineEnds } = await writeJournal(20, failedAttempt);
  for (let length = 0; length <= bytes.length; length++) {
    const entries = await collect(scanJournal(path, [bytes.subarray(0, length)]));
    const records = entries.filter((entry) => "record" in entry);
    // A record counts as whole even when only its newline is missing.
    const whole = lineEnds.filter((end) => end <= length).length;
    expect(records.length).toBe(whole);
    const torn = entries.find((entry) => !("record" in entry));
    const last = records.at(-1);
    const end = last === undefined ? 0 : last.offset + last.length + (last.terminated ? 1 : 0);
    expect(end + (torn?.length ?? 0)).toBe(length);
    if (whole === 0 || length % 53 !== 0) continue;

    writeFileSync(path, bytes.subarray(0, length));
    expect(await collect(scanJournal(path))).toEqual(entries);
    const writer = new JournalWriter(path, { end, lacksNewline: !last?.terminated });
    await writer.append(attempt("nq/new"));
    await writer.close();
    const ids = (await collect(readJournal(path))).map((record) => ("id" in record ? record.id : "header"));
    const kept = ["header", ...Array.from({ length: 19 }, (_, i) => `nq/${i + 1}`)].slice(0, whole);
    expect(ids).toEqual([...kept, "nq/new"]);
  }
});

test("the records are the same whatever the chunks of the file", async () => {
  const { path, bytes } = await writeJournal(5);
  const expected = await collect(scanJournal(path));
  for (const size of [1, 7, 100, 1000]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    expect(await collect(scanJournal(path, chunks))).toEqual(expected);
  }
});

test("every flipped 97th byte is noticed, with its line and offset", async () => {
  const { path, bytes, lineEnds } = await writeJournal(20);
  for (let at = 0; at < bytes.length; at += 97) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 0x01;
    writeFileSync(path, damaged);
    const line = lineEnds.findIndex((end) => end >= at) + 1;
    const offset = line === 1 ? 0 : lineEnds[line - 2]! + 1;
    await expect(collect(readJournal(path))).rejects.toThrow(JournalDamagedError);
    await expect(collect(readJournal(path))).rejects.toMatchObject({ path, line, offset });
  }
});

test("a flipped newline is noticed too", async () => {
  const { path, bytes, lineEnds } = await writeJournal(5);
  for (const [index, at] of lineEnds.entries()) {
    const damaged = Buffer.from(bytes);
    damaged[at] = 0x20;
    writeFileSync(path, damaged);
    // The last one too: what a cut write leaves never holds a whole record, so this must not be cut off.
    await expect(collect(readJournal(path))).rejects.toMatchObject({ line: index + 1 });
  }
});

test("a damaged line can be deleted by hand: the rest stays valid", async () => {
  const { path, bytes } = await writeJournal(5);
  const lines = bytes.toString().split("\n");
  writeFileSync(path, lines.toSpliced(2, 1).join("\n"));
  expect(await collect(readJournal(path))).toHaveLength(4);
});

test("a file that is no journal is refused, even without a newline, and left alone", async () => {
  const path = join(temporaryFolder(), "j.jsonl");
  for (const text of ["my notes", '{"type":"other"}\n', "\0\0\0", "\n"]) {
    writeFileSync(path, text);
    await expect(collect(readJournal(path))).rejects.toMatchObject({ line: 1, offset: 0 });
    expect(readFileSync(path, "utf8")).toBe(text);
  }
});

test("a valid line in the wrong place, of an unknown kind or of a newer format is refused with the reason", async () => {
  const path = join(temporaryFolder(), "j.jsonl");
  writeFileSync(path, encodeLine(attempt("nq/1")));
  await expect(collect(readJournal(path))).rejects.toThrow("attempt at this place");
  writeFileSync(path, encodeLine({ ...header, format: 2 }));
  await expect(collect(readJournal(path))).rejects.toThrow("format 2 is newer than 1");
  writeFileSync(path, encodeLine(header));
  appendFileSync(path, encodeLine({ ...attempt("nq/1"), sample: -1 }));
  await expect(collect(readJournal(path))).rejects.toThrow("sample");
});

test("the file is cut to its valid part when it is opened", async () => {
  const { path, bytes, lineEnds } = await writeJournal(3);
  appendFileSync(path, '{"type":"att');
  const writer = new JournalWriter(path, { end: bytes.length, lacksNewline: false });
  await writer.close();
  expect(statSync(path).size).toBe(lineEnds.at(-1)! + 1);
});

test("records of one turn of the event loop stand in the file before any of their promises is fulfilled", async () => {
  const path = join(temporaryFolder(), "j.jsonl");
  const writer = new JournalWriter(path, NEW);
  const records = [header, ...Array.from({ length: 40 }, (_, i) => attempt(`nq/${i}`))];
  const seen: number[] = [];
  const appending = records.map((record) => writer.append(record).then(() => seen.push(statSync(path).size)));
  expect(statSync(path).size).toBe(0);
  await Promise.all(appending);
  const { size } = statSync(path);
  expect(seen).toEqual(records.map(() => size));
  await writer.close();
  expect(await collect(readJournal(path))).toEqual(records);
});

test("what waits to be written when the journal is closed is written first", async () => {
  const path = join(temporaryFolder(), "j.jsonl");
  const writer = new JournalWriter(path, NEW);
  const appending = [header, attempt("nq/1")].map((record) => writer.append(record));
  await writer.close();
  expect(await Promise.all(appending)).toHaveLength(2);
  expect(await collect(readJournal(path))).toHaveLength(2);
});

test("a record that is too large fails alone", async () => {
  const path = join(temporaryFolder(), "j.jsonl");
  const writer = new JournalWriter(path, NEW);
  const texts = ["a", "b".repeat(MAX_LINE_BYTES), "c"];
  const appending = [header, ...texts.map((text) => attempt(`nq/${text[0]}`, text))].map((record) =>
    writer.append(record),
  );
  const statuses = (await Promise.allSettled(appending)).map(({ status }) => status);
  expect(statuses).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  await expect(appending[2]).rejects.toThrow(RangeError);
  await writer.close();
  expect(await collect(readJournal(path))).toHaveLength(3);
});
