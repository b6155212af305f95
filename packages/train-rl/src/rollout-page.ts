import type { TrajectoryGroup } from "./rollout.js";

/** Rollouts as one HTML page: problem, responses, what they earned, and a table of lengths and rewards. */
export function rolloutPage(title: string, groups: readonly TrajectoryGroup[]): string {
  const body = groups.map(groupSection).join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
pre { white-space: pre-wrap; background: #f4f4f4; padding: .6rem } td, th { padding: .1rem .7rem; text-align: right }
</style></head><body>
<h1>${escapeHtml(title)}</h1>
${body}
</body></html>
`;
}

function groupSection({ problem, trajectories }: TrajectoryGroup, index: number): string {
  const rollouts = trajectories.map(
    ({ text, summary, reward }) =>
      `<h3>Response</h3><pre>${escapeHtml(text)}</pre><p>${escapeHtml(summary)}, reward ${reward.toFixed(2)}</p>`,
  );
  const rows = trajectories.map(
    ({ prompt, tokens, reward }, i) =>
      `<tr><td>${i}</td><td>${prompt.length}</td><td>${tokens.length}</td><td>${reward.toFixed(3)}</td></tr>`,
  );
  return `<section><h2>Group ${index}</h2><h3>Problem</h3><pre>${escapeHtml(problem.question)}</pre>
<h3>Reference answer</h3><pre>${escapeHtml(problem.answers.join("\n"))}</pre>
${rollouts.join("\n")}
<table><tr><th>rollout</th><th>ob_len</th><th>ac_len</th><th>reward</th></tr>${rows.join("")}</table></section>`;
}

/** The same as JSON, for programs. */
export function rolloutJson(title: string, groups: readonly TrajectoryGroup[]): string {
  const rows = groups.map(({ problem, trajectories }) => ({
    question: problem.question,
    answers: problem.answers,
    rollouts: trajectories.map(({ text, summary, reward, metrics, prompt, tokens }) => ({
      text,
      summary,
      reward,
      metrics,
      ob_len: prompt.length,
      ac_len: tokens.length,
    })),
  }));
  return `${JSON.stringify({ schema: 1, title, groups: rows }, null, 2)}\n`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
