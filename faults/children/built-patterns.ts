// Prints, as JSON, the patterns that a module's own code builds with `RegExp` when it is loaded: `built-patterns.ts <module>`.
import { pathToFileURL } from "node:url";

const [file = ""] = process.argv.slice(2);
const { href } = pathToFileURL(file);
const found: { readonly source: string; readonly flags: string }[] = [];
const Original = RegExp;

globalThis.RegExp = new Proxy(Original, {
  construct(target, args, newTarget) {
    const made = Reflect.construct(target, args, newTarget) as RegExp;
    const caller = new Error("trace").stack?.split("\n")[2] ?? "";
    if (caller.includes(href) || caller.includes(file)) found.push({ source: made.source, flags: made.flags });
    return made;
  },
});
const module = (await import(href)) as Record<string, unknown>;
// The tokenizer builds one of its patterns with its first use.
if (typeof module["loadHarmonyTokenizer"] === "function")
  await (module["loadHarmonyTokenizer"] as () => Promise<unknown>)();
process.stdout.write(JSON.stringify(found));
