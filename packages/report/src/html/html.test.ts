import { expect, test } from "vitest";
import { Html, html, scriptJson } from "./html.js";

test("text is escaped in content and in attributes, markup is not", () => {
  const text = `<img src=x onerror="a('b')">&`;
  const escaped = "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;";
  expect(html`<p title="${text}">${[text, new Html("<br>")]}${null}${false}${0}</p>`.markup).toBe(
    `<p title="${escaped}">${escaped}<br>0</p>`,
  );
});

test("controls, overrides of direction and broken characters show instead of acting", () => {
  expect(html`${"\u001b[31m \u202eabc \ud800 \u2028 ok 😀\n"}`.markup).toBe(
    "␛[31m ⟨U+202E⟩abc ⟨U+D800⟩ ⟨U+2028⟩ ok 😀\n",
  );
});

test("JSON cannot end its script or open a comment", () => {
  const value = { "</script>": "<!--<script>" };
  const { markup } = scriptJson(value);
  expect(markup).not.toContain("<");
  expect(JSON.parse(markup)).toEqual(value);
});
