/** Two signals: `drain` after the first Ctrl-C (or SIGTERM), `stop` after the second. */
export interface Interrupts {
  readonly drain: AbortSignal;
  readonly stop: AbortSignal;
  /** Give Ctrl-C back to the system. */
  dispose(): void;
}

const RESUMABLE =
  "Stopping: finishing what is in flight. Press Ctrl-C again to stop at once; the same command resumes the run.";

/** Listen for Ctrl-C. `say` is told what it will do, in the words of `message`. */
export function listenForInterrupts(say: (message: string) => void, message = RESUMABLE): Interrupts {
  const drain = new AbortController();
  const stop = new AbortController();
  const onSignal = () => {
    if (!drain.signal.aborted) {
      say(message);
      drain.abort(new Error("interrupted"));
    } else {
      stop.abort(new Error("interrupted twice"));
    }
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return {
    drain: drain.signal,
    stop: stop.signal,
    dispose: () => process.off("SIGINT", onSignal).off("SIGTERM", onSignal),
  };
}
