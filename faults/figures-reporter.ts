import type { Reporter, TestModule } from "vitest/node";

/** Prints, when all is done, what the tests measured: one line per `annotate(text, "figure")`. */
export default class FiguresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap(({ children }) =>
      [...children.allTests()].flatMap((test) => {
        const state = test.result().state;
        const figures = test.annotations().filter(({ type }) => type === "figure");
        if (state === "skipped") return [`  ${test.name}\n    skipped`];
        return figures.map(({ message }) => `  ${test.name}\n    ${state === "failed" ? "FAILED: " : ""}${message}`);
      }),
    );
    process.stdout.write(`\nFigures\n${lines.join("\n")}\n`);
  }
}
