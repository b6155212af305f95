import { decodeHTML } from "entities";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { characterReferences } from "./html-character-references.js";
import { unescapeHtml } from "./unescape-html.js";

test("every named reference of HTML stands for what the entities package says", () => {
  const { characters, optionalSemicolon } = characterReferences();
  expect(characters.size).toBe(2125);
  expect(optionalSemicolon.size).toBe(106);
  for (const [name, character] of characters) {
    expect([name, character]).toEqual([name, decodeHTML(`&${name};`)]);
    expect([name, optionalSemicolon.has(name)]).toEqual([name, decodeHTML(`&${name}`) === character]);
  }
});

test.each([
  { name: "a known beginning of a longer name", text: "&notit; &notin; &notin", expected: "¬it; ∉ ¬in" },
  { name: "two characters", text: "&bne;", expected: "=\u20e5" },
  { name: "an unknown name", text: "&unknown; &Copy; & &; &a;", expected: "&unknown; &Copy; & &; &a;" },
  { name: "once only", text: "&amp;lt;", expected: "&lt;" },
  { name: "numbers", text: "&#39;&#x27;&#X27&#x1F600;", expected: "'''\u{1f600}" },
  { name: "numbers of Windows-1252", text: "&#128;&#x85;&#x81;", expected: "€…\x81" },
  {
    name: "zero, surrogates and numbers too large",
    text: "&#0;&#xD800;&#x110000;&#99999999999;",
    expected: "\ufffd".repeat(4),
  },
  { name: "control characters and noncharacters", text: "a&#1;&#x0B;&#x7F;&#xFDD0;&#x1FFFF;b", expected: "ab" },
  { name: "white space by number", text: "&#9;&#10;&#12;&#13;", expected: "\t\n\f\r" },
  { name: "no number", text: "&#; &#x; &#g", expected: "&#; &#x; &#g" },
])("unescapeHtml: $name", ({ text, expected }) => {
  expect(unescapeHtml(text)).toBe(expected);
});

test("a text without an ampersand stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const plain = text.replaceAll("&", "");
      expect(unescapeHtml(plain)).toBe(plain);
    }),
  );
});
