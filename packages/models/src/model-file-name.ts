import { createHash } from "node:crypto";

const MAX_LENGTH = 60;

/**
 * The model's part of result file names for an id without a name of its own: `<provider>-<rest>`, made of letters, digits, `.`, `_`
 * and `-`. Where that is not the id itself, letter for letter and in one case, a hash of the id is added: two ids never share a file,
 * not even on disks that ignore case. The provider in front keeps it clear of names that Windows reserves.
 */
export function modelFileName(provider: string, rest: string): string {
  const slug = rest
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-.]+|(?<![-.])[-.]+$/g, "")
    .slice(0, MAX_LENGTH);
  if (slug === rest && slug === slug.toLowerCase()) return `${provider}-${slug}`;
  const hash = createHash("sha256").update(rest).digest("hex").slice(0, 8);
  return [provider, slug, hash].filter((part) => part !== "").join("-");
}
