import { createHash } from "node:crypto";
import { type Handler, startServer, type TestServer } from "./http-server.js";

/** What the stand-in serves; tests change it while it runs. */
export interface HubState {
  commit: string;
  /** `owner/name/path in the repository` -> content */
  files: Map<string, Buffer>;
  /** Origin of the storage that large files are redirected to; its own where absent. */
  storage?: string;
  /** Takes a request over, if it returns true. */
  intercept?: (...args: Parameters<Handler>) => boolean;
}

export const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** Answers as the Hugging Face hub does for dataset repositories: resolve with a redirect to storage, tree, ranges. */
export function startHub(state: HubState): Promise<TestServer> {
  return startServer((request, response) => {
    if (state.intercept?.(request, response)) return;
    const path = decodeURIComponent(new URL(request.url ?? "", "http://hub").pathname);

    const resolve = /^\/datasets\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    if (resolve) {
      const content = state.files.get(`${resolve[1]}/${resolve[3]}`);
      if (content === undefined) {
        response.writeHead(404, { "x-error-code": "EntryNotFound", "x-error-message": "Entry not found" }).end();
        return;
      }
      response.writeHead(302, {
        location: `${state.storage ?? ""}/storage/${sha256(content)}?signature=secret`,
        "x-repo-commit": state.commit,
        "x-linked-etag": `"${sha256(content)}"`,
        "x-linked-size": content.length,
      });
      response.end();
      return;
    }

    const revision = /^\/api\/datasets\/([^/]+\/[^/]+)\/revision\/[^/]+$/.exec(path);
    if (revision) {
      response.writeHead(200, { "content-type": "application/json" });
      const siblings = filesUnder(state, revision[1]!).map(({ path: rfilename }) => ({ rfilename }));
      response.end(JSON.stringify({ id: revision[1], sha: state.commit, siblings }));
      return;
    }

    const tree = /^\/api\/datasets\/([^/]+\/[^/]+)\/tree\/[^/]+(?:\/(.+))?$/.exec(path);
    if (tree) {
      const folder = tree[2] === undefined ? "" : `${tree[2]}/`;
      const files = filesUnder(state, tree[1]!).filter((file) => file.path.startsWith(folder));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(files));
      return;
    }

    serveStorage(state)(request, response);
  });
}

function filesUnder(state: HubState, repo: string) {
  return [...state.files]
    .filter(([name]) => name.startsWith(`${repo}/`))
    .map(([name, content]) => {
      const path = name.slice(repo.length + 1);
      const lfs = { oid: sha256(content), size: content.length, pointerSize: 130 };
      return { type: "file", path, oid: sha256(content).slice(0, 40), size: content.length, lfs };
    });
}

/** The storage behind a hub: content by hash, GET alone, ranges. */
export function serveStorage(state: HubState): Handler {
  return (request, response) => {
    const hash = /^\/storage\/([0-9a-f]{64})/.exec(request.url ?? "")?.[1];
    const content = [...state.files.values()].find((one) => sha256(one) === hash);
    if (content === undefined || request.method !== "GET") {
      response.writeHead(content === undefined ? 404 : 403).end();
      return;
    }
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const part = content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": part.length,
      ...(start > 0 && { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    response.end(part);
  };
}
