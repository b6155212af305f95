import type { Stderr } from "../stderr.js";

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 15_000;
const BARS = "▁▂▃▄▅▆▇█";

/** What each task of an experiment takes, in CPU seconds on one machine: enough to tell how much is left. */
const COSTS: Readonly<Record<string, number>> = {
  "fine-tuning": 10,
  "RL with thinking": 17,
  "RL without thinking": 6,
  "asking sft with thinking": 1.5,
  "asking sft without thinking": 1,
  "asking rl with thinking": 1.5,
  "asking rl without thinking": 1,
  "asking rl-no-thinking without thinking": 1,
};
const TOTAL_COST = Object.values(COSTS).reduce((sum, cost) => sum + cost, 0);

/** One task, told how far it is. */
export interface DemoTask {
  /** @param value - What is watched: the loss or the mean reward of the step. */
  step(done: number, total: number, value?: number): void;
}

/** Progress of one experiment after another on stderr: a live line on a terminal, elsewhere a plain one now and then. */
export class DemoProgress {
  readonly #stderr: Stderr;
  readonly #numExperiments: number;
  readonly #start = performance.now();
  #experiment = 0;
  /** Share done of each task of the current experiment, and how it is described. */
  readonly #tasks = new Map<string, { share: number; text: string }>();
  #last = Number.NEGATIVE_INFINITY;

  constructor(stderr: Stderr, numExperiments: number) {
    this.#stderr = stderr;
    this.#numExperiments = numExperiments;
  }

  task(name: string): DemoTask {
    const values: number[] = [];
    return {
      step: (done, total, value) => {
        if (value !== undefined) values.push(value);
        const shown = value === undefined ? "" : ` ${value.toFixed(2)}`;
        this.#tasks.set(name, { share: done / total, text: `${name} ${done}/${total}${shown}` });
        if (done === total) this.#finish(name, values);
        else this.#draw();
      },
    };
  }

  /** The current experiment has ended. */
  next(): void {
    this.#experiment += 1;
    this.#tasks.clear();
  }

  #finish(name: string, values: readonly number[]): void {
    const curve =
      values.length > 1 ? `  ${values[0]!.toFixed(2)} ${sparkline(values)} ${values.at(-1)!.toFixed(2)}` : "";
    this.#stderr.info(`${name}: done${curve}`);
    this.#last = Number.NEGATIVE_INFINITY;
    if (process.stderr.isTTY) this.#draw();
  }

  #draw(): void {
    const isTerminal = process.stderr.isTTY;
    const now = performance.now();
    if (now - this.#last < (isTerminal ? REDRAW_MS : PLAIN_LINE_MS)) return;
    this.#last = now;
    const running = [...this.#tasks.values()].filter(({ share }) => share < 1).map(({ text }) => text);
    const line = [this.#overall(now), ...running].join(" · ");
    if (isTerminal) this.#stderr.line(line);
    else this.#stderr.info(line);
  }

  #overall(now: number): string {
    const cost = [...this.#tasks].reduce((sum, [name, { share }]) => sum + share * (COSTS[name] ?? 0), 0);
    const done = (this.#experiment + cost / TOTAL_COST) / this.#numExperiments;
    const left = ((now - this.#start) / 1000) * (1 / done - 1);
    const seed = this.#numExperiments > 1 ? `seed ${this.#experiment + 1} of ${this.#numExperiments}, ` : "";
    const time = done >= 0.02 ? `, ${left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left` : "";
    return `${seed}${Math.floor(100 * done)} %${time}`;
  }
}

/** Values as one line of 20 bars at most, from their least to their greatest. */
export function sparkline(values: readonly number[], width = 20): string {
  const columns = Math.min(width, values.length);
  const means = Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const part = values.slice(from, Math.floor(((column + 1) * values.length) / columns));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const [least, greatest] = [Math.min(...means), Math.max(...means)];
  const scale = (BARS.length - 1) / (greatest - least || 1);
  return means.map((mean) => BARS[Math.round((mean - least) * scale)]).join("");
}
