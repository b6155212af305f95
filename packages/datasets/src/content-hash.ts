import { hash } from "node:crypto";
import type { Content } from "./dataset.js";

/**
 * What is hashed of a row: a JSON array of `question, answers` (QA) or `question, solution, type` (MATH), without spaces,
 * which Python writes as `json.dumps([…], ensure_ascii=False, separators=(",", ":"))`.
 */
export function contentJson(content: Content): string {
  return JSON.stringify(
    content.task === "qa" ? [content.question, content.answers] : [content.question, content.solution, content.type],
  );
}

/** First 16 hex digits of the sha256 of {@link contentJson}. */
export function contentHash(json: string): string {
  return hash("sha256", json).slice(0, 16);
}
