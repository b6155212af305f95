export { SERVED_MODELS, type ServedModel } from "./base-models.js";
export { type RunningServer, serve, type ServeOptions } from "./serve.js";
