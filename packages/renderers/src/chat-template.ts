import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { messageOf } from "@pka/core";
import { ChatTemplateError } from "./errors.js";
import { strftime } from "./strftime.js";

/** A Jinja chat template, ready to be filled in. */
export interface ChatTemplate {
  readonly source: string;
  /** @throws ChatTemplateError when the template refuses the variables or uses what the interpreter does not know. */
  render(variables: Readonly<Record<string, unknown>>): string;
}

/**
 * Parse a chat template as Python's `transformers` does (`trim_blocks`, `lstrip_blocks`).
 *
 * @param source - The Jinja text.
 * @param date - What `strftime_now` tells, in local time. One renderer keeps one date, so that every prompt of a run is alike.
 * @throws ChatTemplateError when it is not valid Jinja.
 */
export function parseChatTemplate(source: string, date: Date): ChatTemplate {
  const program = attempt("is not valid Jinja", () =>
    parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })),
  );
  return {
    source,
    render: (variables) =>
      attempt("failed", () => {
        // Not `Template.render`: it declares `strftime_now` itself, from the clock, and lets nobody replace it.
        const environment = new Environment();
        for (const [name, value] of Object.entries({ ...globals(date), ...variables })) environment.set(name, value);
        const result = new Interpreter(environment).run(program);
        return String(result.value);
      }),
  };
}

function globals(date: Date): Record<string, unknown> {
  return {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    range: (start: number, stop?: number, step = 1) => range(start, stop, step),
    raise_exception: (message: string) => {
      throw new Error(message);
    },
    strftime_now: (format: string) => strftime(date, format),
  };
}

function range(start: number, stop: number | undefined, step: number): number[] {
  const [first, end] = stop === undefined ? [0, start] : [start, stop];
  return Array.from({ length: Math.max(0, Math.ceil((end - first) / step)) }, (_, index) => first + index * step);
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new ChatTemplateError(`the chat template ${what}: ${messageOf(cause)}`, { cause });
  }
}
