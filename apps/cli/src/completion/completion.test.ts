import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { runPka } from "../testing/run-pka.js";

const run = promisify(execFile);
const has = (shell: string) => spawnSync(shell, ["--version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "pka-completion-"));
const fileOf = (shell: string) => join(folder, `pka.${shell}`);

beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout, exitCode } = await runPka(["completion", shell]);
    expect(exitCode).toBe(0);
    writeFileSync(fileOf(shell), stdout);
  }
});

/** A command line up to the cursor, and some of what must be offered, and must not. */
const CASES: readonly (readonly [line: string, offered: readonly string[], not: readonly string[]])[] = [
  ["pka ev", ["eval"], ["demo"]],
  ["pka train ", ["sft", "rl"], ["eval"]],
  ["pka eval --tem", ["--temperature"], ["--top-p"]],
  ["pka eval --", ["--dataset", "--dry-run", "--help"], ["--loss-fn"]],
  ["pka eval --cues ", ["yes", "no"], ["--model"]],
  ["pka eval --cues yes --model gpt", ["gpt-5.2", "gpt-oss-20b"], ["tiny"]],
  ["pka eval --dataset ", ["triviaqa", "math", "all"], ["gpt-5.2"]],
  ["pka train sft --dataset s", ["simpleqa", "smallworld"], ["nq", "sft"]],
  ["pka train rl --loss-fn ", ["importance_sampling", "ppo", "cispo"], []],
  ["pka train rl --loss_fn ", ["ppo"], ["sft"]],
  ["pka tinker checkpoints d", ["delete", "download"], ["list"]],
  ["pka datasets fetch hot", ["hotpotqa"], ["math"]],
  ["pka completion ", ["bash", "zsh", "fish"], []],
];

describe.skipIf(!has("bash"))(`bash${has("bash") ? "" : " (skipped: no bash)"}`, () => {
  const offer = async (words: readonly string[]): Promise<string[]> => {
    const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pka; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run("bash", ["--norc", "-c", script, "bash", fileOf("bash"), ...words]);
    return stdout.trim().split("\n");
  };

  test.each(CASES)("%s", async (line, offered, not) => {
    const found = await offer(line.split(" "));
    expect(found).toEqual(expect.arrayContaining([...offered]));
    for (const word of not) expect(found).not.toContain(word);
  });

  test("a value behind an =, which bash takes for a word of its own", async () => {
    expect(await offer(["pka", "eval", "--cues", "=", "y"])).toEqual(["yes"]);
    expect(await offer(["pka", "eval", "--cues", "="])).toEqual(["yes", "no"]);
  });

  test("files where files are meant: nothing is offered, and bash offers its own", async () => {
    expect(await offer(["pka", "compare", "a"])).toEqual([""]);
    expect(await offer(["pka", "eval", "--output-dir", ""])).toEqual([""]);
  });
});

describe.skipIf(!has("fish"))(`fish${has("fish") ? "" : " (skipped: no fish)"}`, () => {
  test.each(CASES.filter(([line]) => !line.includes("_fn")))("%s", async (line, offered, not) => {
    const { stdout } = await run("fish", ["--no-config", "-c", `source ${fileOf("fish")}; complete -C '${line}'`]);
    const found = stdout.split("\n").map((entry) => entry.split("\t")[0]);
    expect(found).toEqual(expect.arrayContaining([...offered]));
    for (const word of not) expect(found).not.toContain(word);
  });
});

describe.skipIf(!has("zsh"))(`zsh${has("zsh") ? "" : " (skipped: no zsh)"}`, () => {
  // What the completion system's own functions are given; they themselves work in a line editor only.
  const PROBE = `
    compdef() { }
    compset() { PREFIX="\${PREFIX#*=}" }
    compadd() { shift; print -rl -- "$@" }
    _describe() { print -rl -- "\${(@)found%%:*}" }
    _files() { print files }
    source "$1"; shift
    words=("$@"); CURRENT=$#; PREFIX="\${words[CURRENT]}"
    _pka`;

  test.each(CASES)("%s", async (line, offered) => {
    const { stdout } = await run("zsh", ["-f", "-c", PROBE, "zsh", fileOf("zsh"), ...line.split(" ")]);
    expect(stdout.split("\n")).toEqual(expect.arrayContaining([...offered]));
  });

  test("a value behind an =", async () => {
    const { stdout } = await run("zsh", ["-f", "-c", PROBE, "zsh", fileOf("zsh"), "pka", "eval", "--cues=y"]);
    expect(stdout).toBe("yes\nno\n");
  });
});
