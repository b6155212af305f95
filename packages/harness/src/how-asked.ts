import { type Model, type Sampling, UsageError } from "@pka/core";
import { checkNumber } from "./check-number.js";

/** How a model is asked, whatever it is asked. */
export interface HowAsked {
  readonly model: Model;
  readonly thinking: boolean;
  readonly sampling: Sampling;
}

/** @throws UsageError naming what cannot be. */
export function checkHowAsked({ model, thinking, sampling }: HowAsked): void {
  if (!model.thinkingModes.includes(thinking)) {
    throw new UsageError(`${model.id} cannot be asked ${thinking ? "with" : "without"} thinking`);
  }
  checkNumber("temperature", sampling.temperature, (value) => value >= 0, "a number ≥ 0");
  checkNumber("topP", sampling.topP, (value) => value > 0 && value <= 1, "a number in (0, 1]");
}
