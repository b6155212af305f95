import type { Datum, Random } from "@pka/core";
import type { SmallWorld, SmallWorldQuestion, WordTokenizer } from "@pka/engine";
import { tinyRenderer } from "@pka/renderers";

/** A training text, of which the tokens from `start` on are targets. */
interface Document {
  readonly tokens: readonly number[];
  readonly start: number;
}

/** Stage 1 knows nothing but the atomic facts. */
export function factDocument(tokenizer: WordTokenizer, world: SmallWorld, random: Random): Document {
  return { tokens: tokenizer.encode(` ${random.pick(world.facts).sentence}<|end|>`), start: 1 };
}

/**
 * Stage 2: 35 % facts; 35 % one-hop questions about anybody; 30 % two-hop questions about the people of the `sft` split. Half of the
 * questions are answered with thinking. A two-hop thought leads to the answer in 3 of 10 cases only: which thoughts help is left
 * for reinforcement learning to find out.
 */
export function sftDocument(tokenizer: WordTokenizer, world: SmallWorld, random: Random): Document {
  const kind = random.next();
  if (kind < 0.35) return factDocument(tokenizer, world, random);
  const hops = kind < 0.7 ? 1 : 2;
  const asked = world.questions.filter(
    (question) => question.hops === hops && (hops === 1 || question.split === "sft"),
  );
  const question = random.pick(asked);
  if (random.next() < 0.5) return questionDocument(tokenizer, question);
  const isHelpful = hops === 1 || random.next() < 0.3;
  return questionDocument(tokenizer, question, isHelpful ? question.thought : random.pick(question.idleThoughts));
}

/** A question with its completion; only the completion is a target. Without a `thought`, no thinking. */
function questionDocument(tokenizer: WordTokenizer, question: SmallWorldQuestion, thought?: string): Document {
  const thinking = thought !== undefined;
  const messages = [{ role: "user", content: question.question }] as const;
  const prompt = tinyRenderer(tokenizer).buildGenerationPrompt(messages, { thinking });
  const completion = `${thinking ? ` ${thought}</think>` : ""}<answer> ${question.answers[0]}</answer><|end|>`;
  return { tokens: [...prompt, ...tokenizer.encode(completion)], start: prompt.length };
}

/** The documents as a batch whose target weights add up to 1: the summed loss is the mean per target token. */
export function toDatums(documents: readonly Document[]): Datum[] {
  const numTargets = documents.reduce((sum, { tokens, start }) => sum + tokens.length - start, 0);
  return documents.map(({ tokens, start }) => ({
    tokens: tokens.slice(0, -1),
    targetTokens: tokens.slice(1),
    weights: tokens.slice(1).map((_, i) => (i + 1 < start ? 0 : 1 / numTargets)),
  }));
}
