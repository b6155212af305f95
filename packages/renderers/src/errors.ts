import { PkaError } from "@pka/core";

/** A tokenizer file is missing or cannot be read as one. */
export class TokenizerFileError extends PkaError {
  readonly code = "tokenizer_file_invalid";
  constructor(
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}`, options);
  }
}

/** A checkpoint's chat template is missing, cannot be parsed, or refuses the messages. */
export class ChatTemplateError extends PkaError {
  readonly code = "chat_template_failed";
}

/** Sampled tokens that no completion of the format can have. */
export class ResponseError extends PkaError {
  readonly code = "response_invalid";
}
