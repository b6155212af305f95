import { readFileSync } from "node:fs";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.js";
import { EventFileSink } from "./event-file.js";
import { varint } from "./protobuf.js";

test("CRC-32C of RFC 3720's examples", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
});

test("varints are little-endian groups of seven bits, beyond 32 bits too", () => {
  expect([...varint(1, 300)]).toEqual([0x08, 0xac, 0x02]);
  expect([...varint(1, 2 ** 35)]).toEqual([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
});

test("an event file is a chain of checked records: the version, then a summary per step", async () => {
  const sink = new EventFileSink(temporaryFolder());
  sink.log(3, { loss: 0.5, broken: Number.NaN });
  sink.close();
  const events: Buffer[] = [];
  const bytes = readFileSync(sink.path);
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data));
    events.push(data);
    at += length + 16;
  }
  expect(events).toHaveLength(2);
  expect(events[0]!.includes("brain.Event:2")).toBe(true);
  // After the 9 bytes of the time: step 3, then the summary with one value, tag "loss" and 0.5.
  expect(events[1]!.subarray(9).toString("hex")).toBe("10032a0d0a0b0a046c6f7373150000003f");
});
