import { withoutKeys } from "./stderr.js";

/** One JSON document to stdout. It may hold text of a model or server, so what a terminal would obey is escaped, and no key is in it. */
export function printJson(document: object): void {
  // JSON.stringify escapes control characters below U+0020 and lone surrogates, not the second block of controls.
  const text = JSON.stringify(document, null, 2).replace(
    /[\u007f-\u009f]/g,
    (control) => `\\u00${control.charCodeAt(0).toString(16)}`,
  );
  console.log(withoutKeys(text));
}
