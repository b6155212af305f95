/** What a package's README tells a stranger to do first. */
export interface ReadmeExample {
  /** Packages of its install line, such as `["@pka/train-sft", "@pka/engine"]`. */
  readonly install: readonly string[];
  /** Its first block of TypeScript. */
  readonly code: string;
  /** What the block of text after it says that the code prints. */
  readonly output: string;
}

/**
 * Take the install line, the first example and its output out of a README.
 *
 * @returns `null` when there is no block of TypeScript, as in the README of the command line.
 * @throws Error that says what is missing.
 */
export function readmeExample(readme: string): ReadmeExample | null {
  const code = /^```ts\n(.*?)^```$/ms.exec(readme);
  if (!code) return null;
  const output = /^\s*```text\n(.*?)^```$/ms.exec(readme.slice(code.index + code[0].length));
  if (output?.index !== 0) throw new Error("the first example is not followed by a block of text with its output");
  const install = /^npm install (.+)$/m.exec(readme);
  if (!install) throw new Error("no line `npm install …`");
  return { install: install[1]!.split(" "), code: code[1]!, output: output[1]! };
}

/**
 * The example as a CommonJS program: `import { a as b } from "x"` becomes `const { a: b } = require("x")`.
 *
 * @param javaScript - The example without types, its imports named ones.
 */
export function asCommonJs(javaScript: string): string {
  const required = javaScript.replace(
    /^import \{([^}]*)\} from ("[^"]*");$/gm,
    (_, names: string, from: string) => `const {${names.replaceAll(" as ", ": ")}} = require(${from});`,
  );
  if (/^import /m.test(required)) throw new Error("an import in the example is not of named exports");
  return `(async () => {\n${required}\n})();\n`;
}
