import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "@pka/fault-kit";
import { expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

test.skipIf(process.platform === "win32")(
  "with umask 077 no other user can read what is written, and nothing is left in the shared temporary folder",
  () => {
    const folder = temporaryFolder();
    const [home, temporary] = [join(folder, "home"), join(folder, "tmp")];
    mkdirSync(home, { mode: 0o700 });
    mkdirSync(temporary, { mode: 0o777 });
    const pka = (...args: string[]) => {
      const command = ["-c", 'umask 077; exec "$@"', "sh", process.execPath, MAIN, ...args];
      const env = { ...process.env, HOME: home, TMPDIR: temporary, HF_HUB_OFFLINE: "1" };
      const { status, stderr } = spawnSync("sh", command, { cwd: folder, env, encoding: "utf8" });
      expect({ args, status, stderr }).toMatchObject({ status: 0 });
    };
    const tiny = ["--model", "tiny", "--dataset", "smallworld", "--limit", "4", "--output-dir", "results"];
    pka("eval", ...tiny, "--thinking", "no");
    pka("eval", ...tiny, "--thinking", "yes");
    pka("eval", ...tiny, "--thinking", "no", "--temperature", "1", "--overwrite");
    pka("report", "results", "--output", "report.html");
    pka("train", "sft", "--engine", "tiny", "--limit", "8", "--batch-size", "4", "--log-path", "runs/sft");

    const written = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name !== "tmp");
    const modes = written.map((name) => ({ name, mode: statSync(join(folder, name)).mode & 0o077 }));
    expect(modes.filter(({ mode }) => mode !== 0)).toEqual([]);
    expect(written.length).toBeGreaterThan(15);
    expect(readdirSync(temporary)).toEqual([]);
  },
);
