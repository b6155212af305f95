import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { afterAll, describe, expect, test } from "vitest";
import { spellTrainArguments } from "../apps/cli/src/commands/train.js";
import { normalizeSpelling } from "../apps/cli/src/parse-options.js";
import { createProgram } from "../apps/cli/src/program.js";
import { type PkaRun, startPka } from "../apps/cli/src/testing/run-pka.js";
import { freePort } from "../packages/fault-kit/src/tcp/free-port.js";
import { type GuideCommand, guideCommands, wordsOf } from "./guide-commands.js";
import { ROOT } from "./shared-data.js";

const GUIDES = join(ROOT, "docs/guides");
const names = readdirSync(GUIDES).filter((name) => name.endsWith(".md"));
const commandsOf = (name: string) => guideCommands(readFileSync(join(GUIDES, name), "utf8"));

// `pka` as on a machine where it is installed.
const bin = mkdtempSync(join(tmpdir(), "pka-bin-"));
writeFileSync(
  join(bin, "pka"),
  `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, "apps/cli/dist/main.js")}" "$@"\n`,
);
chmodSync(join(bin, "pka"), 0o755);
afterAll(() => rmSync(bin, { recursive: true, force: true }));

describe.each(names)("%s", (name) => {
  const commands = commandsOf(name);
  const marked = commands.filter(({ needs }) => needs !== undefined);

  // A shell is needed; Windows has none that a reader could be told to use.
  test.skipIf(process.platform === "win32")("every command that needs nothing runs", { timeout: 300_000 }, async () => {
    const reader = await startReader();
    try {
      for (const command of commands) if (command.needs === undefined) await reader.run(command);
    } finally {
      await reader.leave();
    }
  });

  test.runIf(marked.length > 0)("every other pka command is one that pka would take", async () => {
    for (const { text, line, needs } of marked) {
      expect(needs, `line ${line}`).toMatch(/^(OPENAI_API_KEY|TINKER_API_KEY|a GPU|the network|results of step \d)$/);
      const [program, ...argv] = wordsOf(text);
      if (program === "pka") await expect(parse(argv), `line ${line}: ${text}`).resolves.toBeUndefined();
    }
  });
});

test("a flag that does not exist, a value out of range and a missing flag are found", async () => {
  await expect(parse(["eval", "--model", "tiny", "--dataset", "nq", "--limits", "3"])).rejects.toThrow(
    /unknown option/,
  );
  await expect(parse(["eval", "--model", "tiny", "--dataset", "nq", "--limit", "0"])).rejects.toThrow(/--limit/);
  await expect(parse(["eval", "--model", "tiny"])).rejects.toThrow(/--dataset/);
  await expect(parse(["train", "sft", "config.batch_sizes=3"])).rejects.toThrow(/unknown option/);
});

/** Parse a command line as `pka` does, and do nothing. */
async function parse(argv: readonly string[]): Promise<void> {
  const program = createProgram(() => {});
  disarm(program);
  await program.parseAsync(normalizeSpelling(spellTrainArguments(argv)), { from: "user" });
}

function disarm(command: CommandUnknownOpts): void {
  command.configureOutput({ writeErr: () => {} });
  if (command.commands.length === 0) command.action(() => {});
  for (const child of command.commands) disarm(child);
}

/** Somebody who follows a guide in an empty folder, in one shell. */
async function startReader() {
  const folder = mkdtempSync(join(tmpdir(), "pka-guide-"));
  const home = join(folder, "home");
  mkdirSync(home);
  const port = await freePort();
  // No key, no cache and no settings of whoever runs the test.
  const env: Record<string, string> = {
    HOME: home,
    PATH: `${bin}${delimiter}${process.env["PATH"]}`,
    HF_HUB_OFFLINE: "1",
  };
  let server: PkaRun | undefined;
  return {
    async run({ text, line, shown }: GuideCommand): Promise<void> {
      const command = text.replaceAll("8000", String(port));
      if (command.startsWith("pka serve")) {
        server = startPka([...wordsOf(command).slice(1), "--data-dir", join(folder, "server")]);
        await server.said(/TINKER_BASE_URL=/);
        return;
      }
      if (command.startsWith("export ")) {
        for (const assignment of wordsOf(command).slice(1)) {
          const [variable = "", value = ""] = assignment.split("=");
          env[variable] = value;
        }
        return;
      }
      const stdout = await new Promise<string>((resolve, reject) => {
        execFile("bash", ["-c", command], { cwd: folder, env }, (error, out, err) => {
          if (error === null) resolve(out);
          else reject(new Error(`line ${line}: ${text}\nexit code ${error.code}\n${out}${err}`));
        });
      });
      for (const expected of shown) expect(stdout.split("\n"), `line ${line}`).toContain(expected);
    },
    async leave(): Promise<void> {
      server?.process.kill("SIGTERM");
      await server?.exited;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
