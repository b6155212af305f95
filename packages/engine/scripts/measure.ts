import type { SamplingClient } from "@pka/core";
import type { SmallWorld, SmallWorldQuestion, WordTokenizer } from "@pka/engine";
import { tinyRenderer } from "@pka/renderers";

const NUM_SAMPLES = 4;
const MAX_TOKENS = 32;

/** Share of the facts whose last word comes first to the model's mind. */
export async function factRecall(client: SamplingClient, tokenizer: WordTokenizer, world: SmallWorld): Promise<number> {
  const hits = await Promise.all(
    world.facts.map(async ({ sentence, object }) => {
      const prompt = tokenizer.encode(` ${sentence.slice(0, sentence.lastIndexOf(" "))}`);
      const [sample] = await client.sample({ prompt, params: { maxTokens: 1, temperature: 0 } });
      return tokenizer.decode(sample!.tokens) === ` ${object}`;
    }),
  );
  return hits.filter(Boolean).length / hits.length;
}

/** Share of right answers, four samples per question at temperature 1; the answer stands between the answer tags. */
export async function accuracy(
  client: SamplingClient,
  tokenizer: WordTokenizer,
  questions: readonly SmallWorldQuestion[],
  thinking: boolean,
): Promise<number> {
  const renderer = tinyRenderer(tokenizer);
  const perQuestion = await Promise.all(
    questions.map(async ({ question, answers }, index) => {
      const samples = await client.sample({
        prompt: renderer.buildGenerationPrompt([{ role: "user", content: question }], { thinking }),
        numSamples: NUM_SAMPLES,
        params: { maxTokens: MAX_TOKENS, stop: renderer.stop, seed: index },
      });
      const right = samples.filter(({ tokens }) => {
        const { answer } = renderer.parse(tokens, { thinking });
        return answer === `<answer> ${answers[0]}</answer>`;
      });
      return right.length / NUM_SAMPLES;
    }),
  );
  return perQuestion.reduce((sum, share) => sum + share, 0) / questions.length;
}
