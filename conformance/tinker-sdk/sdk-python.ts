import { join } from "node:path";
import { hashOf, isPrepared, prepare } from "../prepared.js";
import { interpreterOf, makeVenv } from "../python.js";

/** The newest version, and the last that speaks JSON where newer ones speak protobuf. */
export const SDK_VERSIONS = ["0.38.0", "0.24.1"] as const;

type SdkVersion = (typeof SDK_VERSIONS)[number];

const folderOf = (version: SdkVersion): string => join(import.meta.dirname, "..", `.venv-tinker-${version}`);
const wanted = (version: SdkVersion): string => hashOf(version, process.platform, process.arch);

/** An interpreter with this version of the `tinker` package; `null` where set-up could not make it. */
export function sdkPython(version: SdkVersion): string | null {
  return isPrepared(folderOf(version), wanted(version)) ? interpreterOf(folderOf(version)) : null;
}

/** @throws Error when a version cannot be installed. */
export async function ensureTinkerSdks(log: (line: string) => void): Promise<void> {
  for (const version of SDK_VERSIONS) {
    await prepare(folderOf(version), wanted(version), async () => {
      log(`installing tinker ${version} into an environment of its own (once; 250 MB)`);
      await makeVenv(folderOf(version), [`tinker==${version}`]);
    });
  }
}
