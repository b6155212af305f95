import type { SamplingClient } from "@pka/core";
import type { Problem } from "./problems.js";
import { type RolloutContext, rolloutGroup, type TrajectoryGroup } from "./rollout.js";

/** A policy to sample from. */
interface Policy {
  readonly client: SamplingClient;
  /** Optimizer steps that it has had. */
  readonly step: number;
}

/** Rollouts of one problem, and the policy they came from. */
export interface PooledGroup {
  readonly group: TrajectoryGroup;
  /** Position of the problem in the run. */
  readonly position: number;
  readonly policyStep: number;
  readonly seconds: number;
}

/**
 * Workers that roll out problems one after another, each with the policy that is newest when it begins, while something else trains.
 * It ends by itself: when no problem is left, nothing is in flight and everything has been taken.
 */
export class RolloutPool {
  readonly #context: RolloutContext;
  readonly #problems: { readonly problem: Problem; readonly position: number }[];
  readonly #finished: PooledGroup[] = [];
  readonly #attempts = new Map<number, number>();
  #policy: Policy;
  #inFlight = 0;
  #failedGroups = 0;
  #error: unknown;
  #wake: () => void = () => {};

  /** @param problems - In the order in which they are taken. @param firstPosition - Position of the first in the run. */
  constructor(problems: readonly Problem[], firstPosition: number, policy: Policy, context: RolloutContext) {
    this.#problems = problems.map((problem, i) => ({ problem, position: firstPosition + i }));
    this.#policy = policy;
    this.#context = context;
  }

  /** Groups that could not be rolled out so far. */
  get failedGroups(): number {
    return this.#failedGroups;
  }

  /** Problems that begin from now on are rolled out with this policy. */
  setPolicy(policy: Policy): void {
    this.#policy = policy;
  }

  start(numWorkers: number): void {
    for (let worker = 0; worker < numWorkers; worker++) this.#work().catch((error: unknown) => this.#fail(error));
  }

  /** Roll a problem out again, with a newer policy. */
  requeue({ group: { problem }, position }: PooledGroup): void {
    this.#problems.unshift({ problem, position });
    this.start(1);
  }

  /** The next finished group; `undefined` when there will be none. @throws What a rollout threw that no repetition can cure. */
  async take(): Promise<PooledGroup | undefined> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const group = this.#finished.shift();
      if (group) return group;
      if (this.#inFlight === 0 && this.#problems.length === 0) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Begin no more problems. */
  stop(): void {
    this.#problems.length = 0;
  }

  async #work(): Promise<void> {
    for (let next = this.#problems.shift(); next !== undefined; next = this.#problems.shift()) {
      const { problem, position } = next;
      const { client, step } = this.#policy;
      const attempt = this.#attempts.get(position) ?? 0;
      this.#attempts.set(position, attempt + 1);
      const start = performance.now();
      this.#inFlight += 1;
      const group = await rolloutGroup(client, problem, ["async", position, attempt], this.#context).finally(() => {
        this.#inFlight -= 1;
      });
      const seconds = (performance.now() - start) / 1000;
      if (group) this.#finished.push({ group, position, policyStep: step, seconds });
      else this.#failedGroups += 1;
      this.#wake();
    }
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#wake();
  }
}
