// Imports point down only: each row may import the rows named beside it, and nothing else of ours.
const LAYERS = {
  core: [],
  grading: ["core"],
  stats: ["core"],
  "thinking-tokens": ["core", "stats"],
  engine: ["core"],
  tinker: ["core"],
  renderers: ["core"],
  datasets: ["core", "engine"],
  models: ["core", "renderers"],
  training: ["core", "grading"],
  "train-sft": ["core", "grading", "renderers", "training"],
  "train-rl": ["core", "grading", "renderers", "training"],
  harness: ["core", "grading", "stats", "thinking-tokens"],
};

const PURE = "^packages/(grading|stats|thinking-tokens)/src/";
const NOT_TESTS = "[.]test[.]ts$";

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
