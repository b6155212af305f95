import type { Logger } from "@pka/core";
import type { Archives } from "./archives.js";
import type { BaseModels } from "./base-models.js";
import type { Futures } from "./futures.js";
import type { LiveModels } from "./live-models.js";
import type { LiveSamplers } from "./live-samplers.js";
import type { BodyLimits } from "./read-body.js";
import type { Sessions } from "./sessions.js";
import type { Store } from "./store.js";

/** What the routes work on. */
export interface Service {
  readonly baseModels: BaseModels;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly futures: Futures;
  readonly models: LiveModels;
  readonly samplers: LiveSamplers;
  readonly archives: Archives;
  readonly limits: BodyLimits;
  /** How long a poll for a future that is not done is held. */
  readonly pollHoldMs: number;
  readonly logger: Logger;
}
