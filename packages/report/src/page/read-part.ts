/**
 * One embedded part: base64 of a raw deflate stream of JSON, see embedded-format.ts.
 *
 * @throws Error when the page does not hold it whole.
 */
export async function readPart<T>(id: string): Promise<T> {
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error(`the file does not hold ${id}: it was cut short`);
  const stream = new Blob([fromBase64(text)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text()) as T;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
