/** Texts of `pka help <topic>`, 80 columns wide. Every flag they name exists. */
export const HELP_TOPICS: Readonly<Record<string, string>> = {
  "exit-codes": `
Exit codes

  0    done
  1    failed: a server, a file, a dataset
  2    usage: a flag, a name, a missing key
  3    stopped by a threshold: errors, budget, or nothing usable among the
       first 20 answers; the run can be resumed
  130  interrupted (Ctrl-C); the run can be resumed

A figure that was printed with exit code 3 or 130 is about the answers so far.`,

  thresholds: `
When a run stops by itself, with exit code 3

  --max-errors <n>       once so many questions failed
  --budget-usd <amount>  once the whole command has cost so much; refused for
                         a model whose price is not known: --prices gives one
  --budget-tokens <n>    the same in tokens, prompts included
  --fail-on-error <n>    exit code 3 at the end when so many questions failed
  without a flag         when the first 20 answers are all unusable, when 20
                         in a row fail in the same way, or when an error says
                         that no request can succeed (a wrong key, no credit)

Answers in flight are finished and kept. The same command goes on from there;
with the same budget it stops again, so give it more.`,

  resume: `
Resume

The same command resumes: pka eval, pka refine, pka train sft, pka train rl.
Nothing has to be said, and nothing is asked twice that was answered.

pka eval and pka refine write one line per answer into a journal (.jsonl)
beside the result file. What failed is asked again; --retry asks other rows
again, such as empty ones. A journal of another condition (model, flags, data)
is refused with the difference named; --overwrite starts anew and keeps the old
files under another name. pka repair mends a damaged journal.

pka train goes on from the last checkpoint in the folder of --log-path, with
the same batches in the same order.

Ctrl-C once finishes what is in flight and writes the result; twice stops at
once. Either way, and after a crash, the journal is whole but for its last
line, which is cut and reported.`,

  results: `
Result files

  {dataset}_{model}[_{checkpoint}]_{cues}[_{thinking}].json

  cues       with_cues or no_cues (--cues)
  thinking   with_thinking or no_thinking (--thinking); gpt-5.2 always thinks
             and has no such part
  checkpoint --inference-name of a --checkpoint-uri

Their format is that of the paper's scripts, which read them. The journal of
the same name, .jsonl, is the truth: the result file is made from it. What
pka refine makes of nq_….json is ex_nq_….json, beside it or in --output-dir.

Rates divide by all questions, as the paper's do. The object "pka" at the end
of a file has what they hide: the number of each outcome, the rate on
completed answers, and bounds with everything missing wrong or right.

Read them with: pka compare, pka grade, pka thinking, pka report.`,

  models: `
Models

  tiny                  the embedded model; needs nothing
  gpt-5.2               OPENAI_API_KEY
  gpt-oss-20b           TINKER_API_KEY
  olmo-3-7b-think       an OpenAI-compatible server: --base-url, VLLM_BASE_URL
  r1-distill-qwen-1.5b  the same
  openai:<id>           any model of OpenAI's Responses API
  vllm:<id>             any model behind an OpenAI-compatible server
  tinker:<base model>   any model of a Tinker service
  hf:<repo or folder>   an ONNX model on this machine
  engine:<checkpoint>   a checkpoint of the embedded model

pka models lists what each needs, pka doctor what of it is there. A trained
checkpoint on Tinker is asked with --checkpoint-uri and --inference-name.`,

  environment: `
Environment variables

  OPENAI_API_KEY, OPENAI_BASE_URL   gpt-5.2, openai:<id>, the judge of refine
  VLLM_BASE_URL, VLLM_API_KEY       OpenAI-compatible servers; several
                                    addresses are separated by commas
  TINKER_API_KEY, TINKER_BASE_URL   gpt-oss-20b, tinker:<id>, train, tinker
  HF_ENDPOINT, HF_TOKEN, HF_HOME,   datasets, hf:<id>, tokenizers
  HF_HUB_CACHE, HF_HUB_OFFLINE
  PKA_API_KEY                       what pka serve asks of its clients
  NO_COLOR                          no colours

Flags come before variables. Keys are never printed, logged or written.`,
};
