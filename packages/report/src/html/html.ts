import { visibleText } from "../visible-text.js";

/** Markup that is safe to insert as it stands. */
export class Html {
  constructor(readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

type Content = Html | string | number | false | null | undefined | readonly Content[];

/**
 * Markup from a template: what is interpolated is escaped unless it is {@link Html} itself, so no text of a file can become markup,
 * in content and in quoted attributes alike. Lists are joined, `false`, `null` and `undefined` are nothing.
 *
 * @example html`<p title="${name}">${rows.map((row) => html`<b>${row}</b>`)}</p>`
 */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  let markup = strings[0]!;
  for (const [i, content] of contents.entries()) markup += markupOf(content) + strings[i + 1]!;
  return new Html(markup);
}

function markupOf(content: Content): string {
  if (content instanceof Html) return content.markup;
  if (Array.isArray(content)) return (content as readonly Content[]).map(markupOf).join("");
  if (content === false || content === null || content === undefined) return "";
  return escapeHtml(visibleText(String(content)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A value for a `<script type="application/json">`: no text in it can end the script or open a comment. */
export function scriptJson(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll("<", "\\u003c"));
}
