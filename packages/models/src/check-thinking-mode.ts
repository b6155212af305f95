import { type Ask, type Model, UsageError } from "@pka/core";

/** @throws UsageError when `model` cannot be asked in this thinking mode. */
export function checkThinkingMode(
  { id, thinkingModes }: Pick<Model, "id" | "thinkingModes">,
  { thinking }: Pick<Ask, "thinking">,
): void {
  if (thinkingModes.includes(thinking)) return;
  const fact = thinking ? "does not think" : "always thinks";
  throw new UsageError(`${id} ${fact}: ask it with --thinking ${thinking ? "no" : "yes"}`);
}
