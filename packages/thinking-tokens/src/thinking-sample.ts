import type { Thinking } from "./extract-thinking.js";

/** The thinking of one completion, measured. */
export interface ThinkingSample {
  readonly state: Thinking["state"];
  /** In tokens or characters; of thinking that never ended, what there is of it. */
  readonly length: number;
  /** `null` where the completion has no verdict. */
  readonly isRight: boolean | null;
  /** Tells questions apart; several samples may share one. */
  readonly question: string | number;
}
