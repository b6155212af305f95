import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ModelError } from "@pka/core";
import { exists, writeWhole } from "@pka/core/node";

/** Where checkpoints come from and where they are kept. */
export interface OnnxHub {
  /** Such as `https://huggingface.co`, without a slash at the end. */
  readonly endpoint: string;
  /** Folder of downloaded checkpoints, as `<repository>/<file>`. */
  readonly cacheDir: string;
  readonly offline: boolean;
  readonly token: string | undefined;
}

/** The small files of a checkpoint. The last is there only where the template is not in `tokenizer_config.json`. */
const FILES = ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"] as const;
const OPTIONAL: ReadonlySet<string> = new Set(["chat_template.jinja"]);

/**
 * Downloads what is needed to prepare a prompt, unless it is in the cache.
 *
 * @returns The checkpoint's folder in the cache, where `@huggingface/transformers` puts the weights, too.
 * @throws ModelError `not-found`, `auth` or `connection`.
 */
export async function fetchSmallFiles(repository: string, hub: OnnxHub): Promise<string> {
  const folder = join(hub.cacheDir, ...repository.split("/"));
  // A checkpoint that was prepared once has the last required file; whether it has a template file was decided then.
  if (await exists(join(folder, "tokenizer_config.json"))) return folder;
  if (hub.offline) {
    throw new ModelError(`${repository} is not in ${hub.cacheDir}, and nothing is downloaded in offline mode`, {
      kind: "not-found",
    });
  }
  await mkdir(folder, { recursive: true });
  const get = hubFetch(hub);
  const downloads = await Promise.all(
    FILES.map(async (name) => {
      const url = `${hub.endpoint}/${repository}/resolve/main/${name}`;
      const response = await get(url);
      if (response.status === 404 && OPTIONAL.has(name)) return undefined;
      if (!response.ok) throw failureOf(url, response.status);
      return { name, bytes: new Uint8Array(await response.arrayBuffer()) };
    }),
  );
  // tokenizer_config.json last: it tells that the others are complete.
  const found = downloads.filter((file) => file !== undefined);
  found.sort((a, b) => Number(a.name === "tokenizer_config.json") - Number(b.name === "tokenizer_config.json"));
  for (const { name, bytes } of found) await writeWhole(join(folder, name), bytes);
  return folder;
}

/**
 * `fetch` that sends the token to the hub and to no other host.
 * It throws ModelError where the hub is not reached or refuses; a file that is not there is a reply with status 404.
 */
export function hubFetch({ endpoint, token }: OnnxHub): (url: string | URL, init?: RequestInit) => Promise<Response> {
  const { origin } = new URL(endpoint);
  return async (url, init = {}) => {
    const headers = new Headers(init.headers);
    headers.delete("Authorization");
    if (token !== undefined && new URL(url).origin === origin) headers.set("Authorization", `Bearer ${token}`);
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers });
    } catch (cause) {
      throw new ModelError(
        `${endpoint} cannot be reached: check the network, or download the model and give its folder`,
        {
          kind: "connection",
          cause,
        },
      );
    }
    if (response.status === 401 || response.status === 403) throw failureOf(String(url), response.status);
    return response;
  };
}

function failureOf(url: string, status: number): ModelError {
  if (status === 401 || status === 403) {
    const message = `${url}: no such repository, or it is private or gated. Check the name and the hub token (HF_TOKEN)`;
    return new ModelError(message, { kind: "auth", status });
  }
  if (status === 404)
    return new ModelError(`${url} does not exist: check the repository's name`, { kind: "not-found", status });
  return new ModelError(`${url}: the hub answered ${status}`, { kind: "overloaded", status });
}
