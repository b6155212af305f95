import { strip } from "../text/white-space.js";

/**
 * The refined answer in a judge's reply: all of it but the white space around it. A label that the judge repeats ("Refined Answer: …")
 * stays, as in the paper's files.
 */
export function extractRefinedAnswer(reply: string): string {
  return strip(reply);
}
