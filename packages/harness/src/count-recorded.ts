import { type Logger, PkaError, silentLogger } from "@pka/core";
import type { Budget } from "./budget.js";
import type { Price } from "./cost.js";
import { summarizeJournal } from "./journal/summarize-journal.js";
import { journalPathOf } from "./open-run.js";

/**
 * Let a budget know what earlier processes spent on runs whose turn comes later, so that the first of several runs does not spend it
 * again. A journal that cannot be read is a warning: its own run will refuse it.
 */
export async function countRecorded(
  budget: Budget,
  options: {
    readonly resultPaths: readonly string[];
    readonly price?: Price | undefined;
    readonly logger?: Logger | undefined;
  },
): Promise<void> {
  const { resultPaths, price, logger = silentLogger } = options;
  for (const path of resultPaths.map(journalPathOf)) {
    try {
      budget.count(path, (await summarizeJournal(path, price)).ledger.spend());
    } catch (error) {
      if (!PkaError.isInstance(error)) throw error;
      logger.warn(`not in the budget yet: ${error.message}`);
    }
  }
}
