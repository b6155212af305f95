import type { Ask } from "@pka/core";

/** A question as the paper asks it. */
export const ASK: Ask = {
  task: "qa",
  question: "Who wrote Hamlet?",
  cues: false,
  thinking: true,
  sampling: { temperature: 0.6, topP: 0.95 },
};
