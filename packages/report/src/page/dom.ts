import { visibleText } from "../visible-text.js";

type Child = Node | string | null | undefined | false;

/**
 * An element with attributes and children. Strings become text nodes, nothing else: no text of a result file is ever parsed as
 * markup.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter(isThere).map((child) => (typeof child === "string" ? visibleText(child) : child)));
  return node;
}

/** The element that the page was written with. @throws Error when it is not there. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const node = document.getElementById(id);
  if (!(node instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return node;
}

export function formatCount(value: number): string {
  return value.toLocaleString("en");
}

function isThere(child: Child): child is Node | string {
  return child !== null && child !== undefined && child !== false;
}
