import type { Ask, Model } from "@pka/core";
import { chatReply, completionReply, responsesReply, serve, vllmModels } from "@pka/fault-kit";
import { expect, test } from "vitest";
import { completionsModel } from "./openai/completions-model.js";
import { openaiResponsesModel } from "./openai/openai-responses-model.js";

const ASK: Ask = { task: "qa", question: "?", cues: false, thinking: true, sampling: { temperature: 1, topP: 1 } };
/** Characters of 1, 2, 3 and 4 bytes. */
const TEXT = "a é ∑ 🙂 <answer>Zürich</answer>";

const REPLIES: Record<string, { path: string; reply: object; text: string; open: (url: string) => Promise<Model> }> = {
  responses: {
    path: "/v1/responses",
    reply: responsesReply({ text: TEXT }),
    text: TEXT,
    open: async (baseUrl) => openaiResponsesModel({ fileName: "x", model: "m", baseUrl }),
  },
  completions: {
    path: "/v1/completions",
    reply: completionReply(`x</think>${TEXT}`),
    text: `x</think>${TEXT}`,
    open: (url) => completionsModel({ fileName: "x", model: "m", baseUrls: [url], renderer: "r1" }),
  },
  chat: {
    path: "/v1/chat/completions",
    reply: chatReply({ content: TEXT, reasoning: "ü" }),
    text: `<think>ü</think>${TEXT}`,
    open: (url) => completionsModel({ fileName: "x", model: "m", baseUrls: [url] }),
  },
};

test.each(Object.keys(REPLIES))(
  "a reply (%s) that is cut into two packets at any byte, also inside a character, gives the same text",
  { timeout: 120_000 },
  async (name) => {
    const { path, reply, text, open } = REPLIES[name]!;
    const numBytes = Buffer.byteLength(JSON.stringify(reply));
    let splitAt = 0;
    const server = await serve((request) => {
      if (request.path === "/v1/models") return { body: vllmModels("m") };
      return request.path === path ? { body: reply, splitAt } : { status: 404 };
    });
    const model = await open(server.url);
    for (splitAt = 1; splitAt < numBytes; splitAt++) {
      const completion = await model.generate(ASK);
      expect(completion, `cut after byte ${splitAt}`).toMatchObject({ text, attempts: 1 });
    }
    await model.close!();
  },
);
