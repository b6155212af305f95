import { characterReferences } from "./html-character-references.js";

const REFERENCE = /&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?|([a-zA-Z0-9]{2,31};?))/g;

/** What 0x80–0x9F stand for: their meaning in Windows-1252, or themselves where it has none. */
const WINDOWS_1252 =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f" +
  "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

/**
 * Python's `html.unescape`: HTML5 character references to the characters they stand for, once.
 * Names may lack their semicolon where HTML allows it, and then the longest known beginning counts: `&notit;` is `¬it;`.
 */
export function unescapeHtml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(REFERENCE, (reference: string, hexadecimal?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return namedCharacter(name) ?? reference;
    return numberedCharacter(hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16));
  });
}

function namedCharacter(name: string): string | undefined {
  const { characters, optionalSemicolon } = characterReferences();
  if (name.endsWith(";")) {
    const character = characters.get(name.slice(0, -1));
    if (character !== undefined) return character;
  }
  for (let length = name.length; length >= 2; length--) {
    const beginning = name.slice(0, length);
    if (optionalSemicolon.has(beginning)) return characters.get(beginning)! + name.slice(length);
  }
  return undefined;
}

function numberedCharacter(codePoint: number): string {
  if (codePoint === 0 || (codePoint >= 0xd800 && codePoint <= 0xdfff) || codePoint > 0x10ffff) return "\ufffd";
  if (codePoint >= 0x80 && codePoint <= 0x9f) return WINDOWS_1252.charAt(codePoint - 0x80);
  return isInvalid(codePoint) ? "" : String.fromCodePoint(codePoint);
}

/** Control characters that are no white space, and noncharacters. */
function isInvalid(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint !== 0x09 && codePoint !== 0x0a && codePoint !== 0x0c && codePoint !== 0x0d;
  return codePoint === 0x7f || (codePoint >= 0xfdd0 && codePoint <= 0xfdef) || (codePoint & 0xfffe) === 0xfffe;
}
