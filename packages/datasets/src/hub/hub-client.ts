import { UsageError } from "@pka/core";
import { z } from "zod";
import { type Connection, request, type RequestOptions } from "../download/request.js";
import { withRetries } from "../download/with-retries.js";
import { DownloadError } from "../errors.js";

const OFFICIAL = "https://huggingface.co";
const METADATA_TIMEOUT_MS = 10_000;
const MAX_FAILURES = 5;
/** Statuses of servers that know no HEAD. */
const NO_HEAD: ReadonlySet<number> = new Set([405, 501]);

/** What the hub says of a file before sending it. */
export interface HubFile {
  readonly url: URL;
  /** Commit of the repository; absent where the server is a plain file server. */
  readonly commit: string | undefined;
  /** sha256 of a large file, git's blob hash of a small one; absent where the server says neither. */
  readonly digest: string | undefined;
  /** Bytes. */
  readonly size: number | undefined;
}

/** The two questions a dataset repository on a hub is asked. */
export class HubClient {
  readonly connection: Connection;
  readonly token: string | undefined;
  readonly #endpoint: URL;

  /** @throws UsageError for an endpoint or token that cannot be used. */
  constructor(connection: Connection, endpoint: string = OFFICIAL, token?: string) {
    this.connection = connection;
    this.#endpoint = parseEndpoint(endpoint);
    this.token = token === undefined || token.trim() === "" ? undefined : checkToken(token);
  }

  /** @throws DownloadError; status 404 when repository, revision or file do not exist. */
  async stat(repo: string, revision: string, path: string, maxFailures?: number): Promise<HubFile> {
    try {
      return await this.#stat(this.fileUrl(repo, revision, path), maxFailures);
    } catch (error) {
      // A folder served by any file server stands in for the hub: the path is that in the repository.
      if (!(error instanceof DownloadError && error.status === 404) || this.#isOfficial) throw error;
      const plain = this.#url("datasets", ...repo.split("/"), ...path.split("/"));
      return this.#stat(plain, maxFailures).catch(() => {
        throw error;
      });
    }
  }

  fileUrl(repo: string, revision: string, path: string): URL {
    return this.#url("datasets", ...repo.split("/"), "resolve", revision, ...path.split("/"));
  }

  /** Names of the files in a folder of the repository. @throws DownloadError */
  async list(repo: string, revision: string, directory: string): Promise<string[]> {
    const url = this.#url("api", "datasets", ...repo.split("/"), "tree", revision, ...directory.split("/"));
    const reply = await withRetries(this.connection, async () => {
      const response = await request(this.connection, url, { ...this.#options, method: "GET", signal: deadline() });
      return treeSchema.safeParse(await response.json().catch(() => undefined));
    });
    if (!reply.success)
      throw new DownloadError(url, "the reply is not the hub's list of files", { cause: reply.error });
    return reply.data
      .filter(({ type, path }) => type === "file" && path.startsWith(`${directory}/`))
      .map(({ path }) => path.slice(directory.length + 1));
  }

  get #isOfficial(): boolean {
    return this.#endpoint.origin === OFFICIAL;
  }

  get #options(): Pick<RequestOptions, "token" | "explain"> {
    return { token: this.token, explain: this.explain };
  }

  /** What to do about a refusal. */
  readonly explain = (status: number, headers: Headers): string | undefined => {
    const remedy = this.token === undefined ? "give an access token (HF_TOKEN)" : "check the access token (HF_TOKEN)";
    if (headers.get("x-error-code") === "GatedRepo") {
      return `the dataset is gated: accept its terms on its page and ${remedy}`;
    }
    if (status === 401 || status === 403) return `access denied: ${remedy}`;
    return undefined;
  };

  async #stat(url: URL, maxFailures = MAX_FAILURES): Promise<HubFile> {
    const { headers, ok } = await withRetries(this.connection, () => this.#head(url), { maxFailures }).catch(
      (error: unknown) => {
        if (error instanceof DownloadError && NO_HEAD.has(error.status ?? 0)) return new Response();
        throw error;
      },
    );
    const commit = matching(/^[0-9a-f]{40}$/, headers.get("x-repo-commit"));
    const etag = (headers.get("x-linked-etag") ?? headers.get("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
    // A redirect's own length is none of the file's.
    const size = matching(/^\d+$/, headers.get("x-linked-size") ?? (ok ? headers.get("content-length") : null));
    return {
      url,
      commit,
      // 40 digits are git's blob hash on a hub; what they are elsewhere is unknown.
      digest: matching(commit === undefined ? /^[0-9a-f]{64}$/ : /^([0-9a-f]{64}|[0-9a-f]{40})$/, etag),
      size: size === undefined ? undefined : Number(size),
    };
  }

  /** The hub answers for a large file with its own headers and a redirect to storage, which allows GET alone. */
  #head(url: URL): Promise<Response> {
    return request(this.connection, url, {
      ...this.#options,
      method: "HEAD",
      follows: (target, reply) => target.origin === url.origin && !reply.has("x-linked-etag"),
      signal: deadline(),
    });
  }

  #url(...segments: string[]): URL {
    const base = this.#endpoint.href.replace(/(?<!\/)\/+$/, "");
    return new URL(`${base}/${segments.map(encodeURIComponent).join("/")}`);
  }
}

const treeSchema = z.array(z.object({ type: z.string(), path: z.string() }));

function deadline(): AbortSignal {
  return AbortSignal.timeout(METADATA_TIMEOUT_MS);
}

function matching(pattern: RegExp, text: string | null): string | undefined {
  return text !== null && pattern.test(text) ? text : undefined;
}

/** Credentials in an address would end up in logs. */
function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new UsageError(
      "the hub endpoint (HF_ENDPOINT) should be an http or https address, such as https://huggingface.co",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "the hub endpoint (HF_ENDPOINT) should hold no user name or password; give an access token instead",
    );
  }
  return url;
}

/** fetch's own error for a bad header would print it. */
function checkToken(token: string): string {
  const trimmed = token.trim();
  if (!/^[\u0021-\u007e]+$/.test(trimmed)) {
    throw new UsageError("the hub access token (HF_TOKEN) has characters that no token has");
  }
  return trimmed;
}
