export { WireFormatError } from "./wire/wire-format-error.js";
