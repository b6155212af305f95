export type {
  AdamParams,
  Datum,
  ForwardResult,
  LossFn,
  LossFnConfig,
  SampledSequence,
  SampleRequest,
  SamplingClient,
  SamplingParams,
  TrainingClient,
} from "./clients.js";
export { type Clock, sleep, systemClock } from "./clock.js";
export { errorCode } from "./error-code.js";
export { PkaError, UsageError } from "./errors.js";
export type { Example, MathExample, QaExample, Task } from "./example.js";
export { type FailedConnection, failedConnection } from "./failed-connection.js";
export { type Logger, silentLogger } from "./logger.js";
export { messageOf } from "./message-of.js";
export type { Ask, Completion, FinishReason, Model, Sampling, Usage } from "./model.js";
export { ModelError, type ModelErrorKind } from "./model-error.js";
export { nearestName } from "./nearest-name.js";
export { type Outcome, OUTCOMES } from "./outcome.js";
export { parseBaseUrl } from "./parse-base-url.js";
export { pythonFloat } from "./python-float.js";
export { quote } from "./quote.js";
export { Random } from "./random.js";
export { redact, redactCredentials, redactor } from "./redact.js";
export { type ReplyHeaders, retryAfterMs } from "./retry-after.js";
export type { Tokenizer } from "./tokenizer.js";
