import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../testing/http-server.js";
import { serveStorage } from "../testing/hub-server.js";
import { DownloadError } from "../errors.js";
import { COMMIT, failure, hotpot, hub, PATH, questions, REPO } from "../testing/hotpot-hub.js";

test.each([429, 500, 502, 503, 504])("HTTP %i is tried again, on the hub and on its storage", async (status) => {
  const { state, warnings, load } = await hub();
  const refused = new Set<string>();
  state.intercept = (request, response) => {
    const key = `${request.method} ${request.url}`;
    if (refused.has(key)) return false;
    refused.add(key);
    response.writeHead(status, { "retry-after-ms": "1" }).end();
    return true;
  };
  expect(questions(await load())).toEqual(["one", "two"]);
  expect(warnings.filter((warning) => warning.includes("trying again in 0.0 s"))).toHaveLength(3);
});

test("a server that stays down is given up after five tries", async () => {
  const { server, load } = await hub({
    intercept: (_request, response) => {
      response.writeHead(503, { "retry-after-ms": "1" }).end("<html>down</html>");
      return true;
    },
  });
  const error = await failure(load());
  expect(error).toMatchObject({ code: "download_failed", status: 503, isRetryable: true });
  expect(server.requests).toHaveLength(5);
});

test("a wait of years that a server asks for is cut to a minute", async () => {
  const { load, warnings } = await hub({
    intercept: (_request, response) => {
      response.writeHead(503, { "retry-after": "Wed, 21 Oct 2099 07:28:00 GMT" }).end();
      return true;
    },
  });
  const stop = new AbortController();
  const loading = failure(load({ signal: stop.signal }));
  await expect.poll(() => warnings).toContainEqual(expect.stringContaining("trying again in 60.0 s"));
  stop.abort(new Error("stopped"));
  expect(String(await loading)).toBe("Error: stopped");
});

test.each([
  {
    name: "a file that is not there",
    status: 404,
    headers: { "x-error-code": "EntryNotFound" },
    message: /HTTP 404: there is no such file/,
  },
  {
    name: "a gated dataset",
    status: 403,
    headers: { "x-error-code": "GatedRepo" },
    message: /gated: accept its terms on its page and give an access token \(HF_TOKEN\)/,
  },
  {
    name: "a private dataset",
    status: 401,
    headers: {},
    message: /HTTP 401: access denied: give an access token \(HF_TOKEN\)/,
  },
  {
    name: "escape codes in the server's words",
    status: 400,
    headers: { "x-error-message": "\u{9b}31mred" },
    message: /the server says: 31mred/,
  },
])("$name: an error that says what to do, at once", async ({ status, headers, message }) => {
  const { load, server } = await hub({
    intercept: (_request, response) => {
      response.writeHead(status, headers as Record<string, string>).end();
      return true;
    },
  });
  const error = await failure(load());
  expect(error).toBeInstanceOf(DownloadError);
  expect(error).toMatchObject({ status, isRetryable: false });
  expect(String(error)).toMatch(message);
  expect(server.requests.length).toBeLessThanOrEqual(3);
});

test("a token that is not accepted is named as the reason, never printed", async () => {
  const { load } = await hub({
    intercept: (_request, response) => {
      response.writeHead(401).end();
      return true;
    },
  });
  const error = await failure(load({ hub: { token: "hf_canary" } }));
  expect(String(error)).toContain("check the access token (HF_TOKEN)");
  expect(JSON.stringify(error) + String(error)).not.toContain("canary");
});

test("the token goes to the hub and to no other origin", async () => {
  const files = new Map([[`${REPO}/${PATH}`, hotpot("one")]]);
  const storage = await startServer((request, response) => serveStorage({ commit: COMMIT, files })(request, response));
  onTestFinished(() => storage.close());
  const { server, load } = await hub({ files, storage: storage.url });
  expect(questions(await load({ hub: { token: "hf_canary" } }))).toEqual(["one"]);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer hf_canary", "Bearer hf_canary"]);
  expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test.each([
  { name: "a file", location: "file:///etc/passwd", message: "redirects to a file: address" },
  { name: "plain http from https", location: "http://127.0.0.1:9/x", message: "redirects from https to plain http" },
  { name: "itself without end", location: "https://hub.test/again", message: "redirects more than 10 times" },
  { name: "nonsense", location: "http://[", message: "redirects to an address that is none" },
])("a redirect to $name is not followed", async ({ location, message }) => {
  const { load } = await hub();
  const fetched: string[] = [];
  const redirecting: typeof fetch = async (input) => {
    fetched.push(new Request(input).url);
    return new Response(null, { status: 302, headers: { location } });
  };
  const error = await failure(load({ hub: { endpoint: "https://hub.test", token: "hf_canary" }, fetch: redirecting }));
  expect(error).toBeInstanceOf(DownloadError);
  expect(String(error)).toContain(message);
  expect(fetched.every((url) => url.startsWith("https://hub.test/"))).toBe(true);
});

test("no query string of a storage address reaches an error", async () => {
  const { state, load } = await hub();
  state.intercept = (request, response) => {
    if (!request.url!.startsWith("/storage/")) return false;
    response.writeHead(404).end();
    return true;
  };
  const error = await failure(load());
  expect(String(error)).toContain("/storage/");
  expect(JSON.stringify(error) + String(error)).not.toContain("signature=secret");
});
