import type { MathExample, QaExample, Task } from "@pka/core";
import type { SourceResolver } from "./source-resolver.js";

/** What `--dataset` takes. */
export type DatasetName = "triviaqa" | "nq" | "hotpotqa" | "simpleqa" | "strategyqa" | "math" | "smallworld";

/** What is known of a dataset before anything is read. */
export interface DatasetInfo {
  readonly name: DatasetName;
  readonly task: Task;
  /** For people, such as "Natural Questions (open)". */
  readonly title: string;
  /** The split an evaluation uses unless told otherwise: the one the paper reports. */
  readonly defaultSplit: string;
  readonly splits: readonly string[];
  /** Rows per split, as published. */
  readonly rows: Readonly<Record<string, number>>;
  /** Where the accepted answers stand in a source row. */
  readonly goldField: string;
  /** Of a dataset on a hub: `owner/name`. */
  readonly repo?: string;
  /** Where the rows come from, for people. */
  readonly source: string;
}

/** What a row says, before its position makes it an example. */
export type Content = Omit<QaExample, "id" | "hash"> | Omit<MathExample, "id" | "hash">;

/** A dataset that can be read. */
export interface Dataset extends DatasetInfo {
  /** Every row of one split, in order. */
  read(split: string, sources: SourceResolver): AsyncGenerator<Content>;
}
