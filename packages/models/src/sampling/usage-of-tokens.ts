import type { Usage } from "@pka/core";

/** What a completion cost that was sampled token by token. */
export function usageOfTokens(prompt: readonly number[], tokens: readonly number[]): Usage {
  return {
    promptTokens: prompt.length,
    completionTokens: tokens.length,
    totalTokens: prompt.length + tokens.length,
  };
}
