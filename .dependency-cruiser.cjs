// Imports point down only: each row may import the rows named beside it, and nothing else of ours.
const LAYERS = {
  core: [],
  grading: ["core"],
  stats: ["core"],
  "thinking-tokens": ["core", "stats"],
  engine: ["core", "tinker"],
  tinker: ["core"],
  renderers: ["core"],
  datasets: ["core", "engine"],
  models: ["core", "renderers"],
  training: ["core", "grading"],
  "train-sft": ["core", "grading", "renderers", "training"],
  "train-rl": ["core", "grading", "renderers", "training"],
  harness: ["core", "grading", "stats", "thinking-tokens"],
  report: ["core", "harness", "stats", "thinking-tokens"],
  "fault-kit": ["core"],
};

const PURE = "^packages/(grading|stats|thinking-tokens)/src/";
const NOT_TESTS = "[.]test[.]ts$|/__fixtures__/|/src/testing/";

module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).map(([name, allowed]) => ({
      name: `${name}-imports-only-${allowed.join("-") || "nothing"}`,
      severity: "error",
      from: { path: `^packages/${name}/src/`, pathNot: NOT_TESTS },
      to: { path: "^(packages|apps)/", pathNot: `^packages/(${[name, ...allowed].join("|")})/` },
    })),
    {
      name: "pure-packages-use-no-node-builtin",
      comment: "these load in a browser",
      severity: "error",
      from: { path: PURE, pathNot: NOT_TESTS },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "engine-takes-only-the-wire-formats-of-tinker",
      severity: "error",
      from: { path: "^packages/engine/src/", pathNot: NOT_TESTS },
      to: { path: "^packages/tinker/", pathNot: "^packages/tinker/(src|dist)/wire/" },
    },
    {
      name: "the-engine-in-process-knows-no-server",
      severity: "error",
      from: { path: "^packages/engine/src/", pathNot: `^packages/engine/src/server/|${NOT_TESTS}` },
      to: { path: "^packages/engine/src/server/|node_modules/(hono|@hono|nanotar|fzstd)/" },
    },
    {
      name: "the-fault-kit-is-for-tests",
      severity: "error",
      from: { path: "^(packages|apps)/", pathNot: `^packages/fault-kit/|^packages/engine/scripts/|${NOT_TESTS}` },
      to: { path: "^packages/fault-kit/" },
    },
    { name: "nothing-imports-the-cli", severity: "error", from: { path: "^packages/" }, to: { path: "^apps/" } },
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      conditionNames: ["@pka/source", "import", "types", "default"],
      exportsFields: ["exports"],
    },
  },
};
