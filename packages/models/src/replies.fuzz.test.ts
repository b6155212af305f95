import { chatReply, completionReply, placesIn, responsesReply, withPlaceReplaced } from "@pka/fault-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseChatReply, parseTextReply } from "./openai/completions-reply.js";
import { RequestFailure } from "./http/request-failure.js";
import { parseResponsesReply } from "./openai/responses-reply.js";

const REPLIES = {
  responses: { parse: parseResponsesReply, valid: responsesReply({ text: "the text" }) },
  completions: { parse: parseTextReply, valid: completionReply("the text") },
  chat: { parse: parseChatReply, valid: chatReply({ content: "the text", reasoning: "the reasoning" }) },
};

const replacement = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom<unknown>(
    null,
    "",
    0,
    -1,
    1.5,
    1e300,
    [],
    {},
    true,
    "the text",
    [null],
    { text: null },
    { type: "message", content: null },
  ),
  fc.jsonValue(),
);

test.each(["responses", "completions", "chat"] as const)(
  "a mutated reply (%s) gives a sound completion or a RequestFailure, and nothing else",
  (name) => {
    const { parse, valid } = REPLIES[name];
    const path = fc.constantFrom(...placesIn(valid));
    fc.assert(
      fc.property(fc.array(fc.tuple(path, replacement), { minLength: 1, maxLength: 3 }), (mutations) => {
        const reply = mutations.reduce<unknown>((value, [place, by]) => withPlaceReplaced(value, place, by), valid);
        let parsed;
        try {
          parsed = parse(reply);
        } catch (error) {
          return error instanceof RequestFailure;
        }
        const counts = [...Object.values(parsed.usage), "numTokens" in parsed ? parsed.numTokens : 0];
        return (
          typeof parsed.text === "string" &&
          ["stop", "length", "refusal"].includes(parsed.finishReason) &&
          counts.every((count: unknown) => Number.isSafeInteger(count) && Number(count) >= 0)
        );
      }),
      { numRuns: 1000, seed: 1 },
    );
  },
);

test.each(["responses", "completions", "chat"] as const)("a reply (%s) that is any JSON at all", (name) => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(() => REPLIES[name].parse(json)).toThrow(RequestFailure);
    }),
    { numRuns: 200, seed: 1 },
  );
});
