import { UsageError } from "@pka/core";
import type { Message, SupervisedExample, TrainOnWhat } from "./renderer.js";

/** One message in tokens: `header` announces who speaks, `body` is what is said, its end token included. */
export interface RenderedMessage {
  readonly message: Message;
  readonly header: readonly number[];
  readonly body: readonly number[];
}

/**
 * Joins rendered messages and weighs each token.
 *
 * @param preamble - What the format puts in front; weight 0 always.
 * @throws UsageError when a message has `trainable` where `trainOnWhat` is not `customized`, or lacks it where it is.
 */
export function supervisedExample(
  preamble: readonly number[],
  rendered: readonly RenderedMessage[],
  trainOnWhat: TrainOnWhat,
): SupervisedExample {
  const tokens = [...preamble];
  const weights = preamble.map(() => 0);
  const add = (part: readonly number[], isTrained: boolean) => {
    for (const token of part) {
      tokens.push(token);
      weights.push(isTrained ? 1 : 0);
    }
  };
  for (const [index, { message, header, body }] of rendered.entries()) {
    if ((message.trainable !== undefined) !== (trainOnWhat === "customized")) {
      throw new UsageError(
        trainOnWhat === "customized"
          ? `message ${index} has no trainable: "customized" needs it on every message`
          : `message ${index} has trainable, which only "customized" reads: leave it out, or train on "customized"`,
      );
    }
    add(header, trainOnWhat === "all_tokens");
    add(body, isBodyTrained(message, index === rendered.length - 1, trainOnWhat));
  }
  return { tokens, weights };
}

function isBodyTrained({ role, trainable }: Message, isLast: boolean, trainOnWhat: TrainOnWhat): boolean {
  const isAssistant = role === "assistant";
  const choices: Readonly<Record<TrainOnWhat, boolean>> = {
    last_assistant_message: isLast && isAssistant,
    all_assistant_messages: isAssistant,
    all_messages: true,
    all_tokens: true,
    all_user_and_system_messages: !isAssistant,
    customized: trainable === true,
  };
  return choices[trainOnWhat];
}
