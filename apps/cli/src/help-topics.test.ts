import { expect, test } from "vitest";
import { EXIT } from "./exit-codes.js";
import { HELP_TOPICS } from "./help-topics.js";
import { createProgram } from "./program.js";
import { runPka } from "./testing/run-pka.js";
import { describeCommands } from "./completion/describe-commands.js";
import { readEnvironment } from "./environment.js";

/** Where the systems keep caches and settings: nobody sets them for pka. */
const FOLDERS = ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "APPDATA"];

const topics = Object.entries(HELP_TOPICS);

test.each(topics)("%s: 80 columns of plain text, and only flags and commands that exist", (_name, text) => {
  const commands = describeCommands(
    createProgram(() => {}),
    {},
  );
  const flags = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)));
  expect(text).toMatch(/^[\n\x20-\x7e…]+$/);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  for (const [flag] of text.matchAll(/--[a-z-]+/g)) expect(flags, flag).toContain(flag);
  const paths = new Set(commands.map(({ path }) => path.split(" ")[0]));
  for (const [, name] of text.matchAll(/\bpka ([a-z]+)/g)) expect(paths, name).toContain(name);
});

test("exit codes are those of the program", () => {
  const listed = [...HELP_TOPICS["exit-codes"]!.matchAll(/^ {2}(\d+)/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(EXIT));
});

test("environment variables are those that are read", () => {
  const read = new Set<string>();
  readEnvironment(new Proxy({}, { get: (_, name) => void read.add(String(name)) }));
  const known = new Set([...read, "NO_COLOR"]);
  const named = [...HELP_TOPICS["environment"]!.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  expect([...read].filter((name) => !named.includes(name))).toEqual(FOLDERS);
});

test("pka help explains topics and commands on stdout, and names the nearest of what it does not know", async () => {
  const [topic, nested, all, wrong, hostile] = await Promise.all([
    runPka(["help", "resume"]),
    runPka(["help", "train", "sft"]),
    runPka(["help"]),
    runPka(["help", "exit-code"]),
    runPka(["help", "\u001b[31mred"]),
  ]);
  expect(topic).toEqual({ exitCode: EXIT.done, stdout: `${HELP_TOPICS["resume"]!.trim()}\n`, stderr: "" });
  expect(nested.stdout).toMatch(/^Usage: pka train sft \[options\]/);
  expect(nested.stdout).toMatch(/--trajectory-path/);
  expect(all.stdout).toMatch(/a topic: exit-codes, thresholds/);
  expect(wrong).toMatchObject({ exitCode: EXIT.usage, stdout: "" });
  expect(wrong.stderr).toMatch(/no help about "exit-code"\. Did you mean "exit-codes"\? Topics: exit-codes, /);
  expect(hostile.exitCode).toBe(EXIT.usage);
  expect(hostile.stderr).not.toContain("\u001b");
});
