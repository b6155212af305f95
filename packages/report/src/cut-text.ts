/**
 * The first `limit` characters (UTF-16 units), never half of a surrogate pair, as a string of its own: what was cut off can be
 * collected.
 */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
  // V8 would keep the whole text alive behind a slice of it.
  return JSON.parse(JSON.stringify(text.slice(0, end))) as string;
}
