// Tokens: loading o200k_harmony, then MB/s of encoding and decoding the published completions of gpt-oss-20b, and long runs of one
// character. Run from the repository's root:
//   node --conditions=@pka/source --import tsx bench/tokens.ts
// The result files are read from PKA_SHARED (default ../shared beside the repository). Python's tiktoken runs beside it where
// PYTHON (default python3) has it, on the same vocabulary. CPU time of the process, best of several rounds; 1 MB = 10^6 bytes of UTF-8.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { readShared } from "@pka/fault-kit";
import { loadHarmonyTokenizer } from "@pka/renderers";
import { leastCpuSeconds } from "./least.js";

const FILES = [
  "StrategyQA/gpt-oss-20b/strategyqa_gptoss20b_no_cues_with_thinking",
  "NQ/gpt-oss-20b/nq_gptoss20b_no_cues_no_thinking",
];
const ROUNDS = 10;

const loadSeconds = await leastCpuSeconds(1, loadHarmonyTokenizer);
const tokenizer = await loadHarmonyTokenizer();
print("load", `${(loadSeconds * 1000).toFixed(0)} ms`);

const texts = FILES.flatMap(readTexts);
const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
print("completions", `${texts.length}, ${megabytes.toFixed(2)} MB`);
const encodeAll = () => texts.map((text) => tokenizer.encode(text));
print("encode, first round", speed(await leastCpuSeconds(1, encodeAll)));
print("encode, later rounds", speed(await leastCpuSeconds(ROUNDS, encodeAll)));
const encoded = encodeAll();
print("tokens", String(encoded.reduce((sum, ids) => sum + ids.length, 0)));
print("decode", speed(await leastCpuSeconds(ROUNDS, () => encoded.map((ids) => tokenizer.decode(ids)))));
for (const unit of ["A", " ", "é", "ab"]) {
  const seconds = await leastCpuSeconds(ROUNDS, () => tokenizer.encode(unit.repeat(200_000 / unit.length)));
  print(`encode 200,000 × ${JSON.stringify(unit)}`, `${(seconds * 1000).toFixed(0)} ms`);
}
print("tiktoken (Python), encode", python());

function python(): string {
  const script = `
import base64, json, sys, time
try:
    import tiktoken
except ImportError:
    print("skipped: no tiktoken (PYTHON)"); sys.exit()
request = json.load(sys.stdin)
ranks = {base64.b64decode(t): int(r) for t, r in (line.split() for line in open(request["vocabulary"], "rb").read().splitlines() if line)}
encoding = tiktoken.Encoding("o200k_harmony", pat_str=request["pattern"], mergeable_ranks=ranks, special_tokens=request["special"])
least = float("inf")
for _ in range(request["rounds"]):
    start = time.process_time()
    tokens = sum(len(encoding.encode(text, allowed_special="all")) for text in request["texts"])
    least = min(least, time.process_time() - start)
print(f"{request['megabytes'] / least:.1f} MB/s, {tokens} tokens, tiktoken {tiktoken.__version__}")
`;
  const markers = ["return", "constrain", "channel", "start", "end", "message", "call"].map((name) => `<|${name}|>`);
  const input = JSON.stringify({
    texts,
    megabytes,
    rounds: ROUNDS,
    vocabulary: createRequire(import.meta.resolve("@pka/renderers")).resolve("gpt-tokenizer/data/o200k_base.tiktoken"),
    special: Object.fromEntries(markers.map((marker) => [marker, tokenizer.encode(marker)[0]])),
    pattern: [
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
      "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    ].join("|"),
  });
  const { stdout, stderr, status } = spawnSync(process.env["PYTHON"] ?? "python3", ["-c", script], {
    input,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : `skipped: ${stderr?.trim().split("\n").at(-1) ?? "no Python (PYTHON)"}`;
}

function readTexts(name: string): string[] {
  const text = readShared(`paper-traces/${name}.json.gz`).toString();
  const { results } = JSON.parse(text) as { readonly results: readonly { readonly raw_prediction: string }[] };
  return results.map((row) => row.raw_prediction);
}

function speed(seconds: number): string {
  return `${(megabytes / seconds).toFixed(1)} MB/s`;
}

function print(name: string, figure: string): void {
  console.log(`${name.padEnd(28)}${figure}`);
}
