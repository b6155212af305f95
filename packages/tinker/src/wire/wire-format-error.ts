import { PkaError } from "@pka/core";

/** Bytes or JSON from the other side are not what the protocol says. The message names the field. */
export class WireFormatError extends PkaError {
  readonly code = "tinker_wire_format";
}
