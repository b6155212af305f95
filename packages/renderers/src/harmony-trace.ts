/** One message of a completion in harmony format. */
export interface HarmonySegment {
  /** `assistant` where the header names nobody, as in the first segment of a completion. */
  readonly role: string;
  /** `analysis` is thinking, `commentary` goes to tools or precedes them, `final` is the answer. `undefined` where none is named. */
  readonly channel: string | undefined;
  /** Whom it is addressed to: `functions.search` in `to=functions.search`. */
  readonly recipient: string | undefined;
  /** What follows `<|constrain|>`: the format of the content, such as `json`. */
  readonly contentType: string | undefined;
  readonly content: string;
  /** The token that closed it; `undefined` where the next segment starts, or the completion stops, without one. */
  readonly end: "end" | "return" | "call" | undefined;
}

/** A completion in harmony format, taken apart. Text outside any message, such as a completion without markup, is in no segment. */
export interface HarmonyTrace {
  /** The completion as it came, special tokens spelled out. */
  readonly text: string;
  readonly segments: readonly HarmonySegment[];
}

const MARKER = /<\|(start|channel|constrain|message|end|return|call)\|>/g;

/**
 * Takes a completion apart, as the result files hold it: special tokens spelled out, the prompt's `<|start|>assistant` not
 * included. Nothing is too damaged: a message that is cut anywhere, even in its header, becomes an open segment.
 *
 * @see https://cookbook.openai.com/articles/openai-harmony for the format.
 */
export function parseHarmony(text: string): HarmonyTrace {
  const segments: HarmonySegment[] = [];
  let open: { role: string; channel?: string; contentType?: string; content?: string } | undefined;
  const close = (end?: HarmonySegment["end"]) => {
    if (open !== undefined) segments.push(segmentOf(open, end));
    open = undefined;
  };

  const markers = [...text.matchAll(MARKER)];
  for (const [i, marker] of markers.entries()) {
    const kind = marker[1];
    const following = text.slice(marker.index + marker[0].length, markers[i + 1]?.index);
    if (kind === "end" || kind === "return" || kind === "call") close(kind);
    else if (kind === "start") {
      close();
      open = { role: following };
    } else if (open?.content === undefined) {
      open ??= { role: "" };
      if (kind === "channel") open.channel = following;
      else if (kind === "constrain") open.contentType = following;
      else open.content = following;
    } else if (kind === "channel") {
      // A header without <|start|>: the message before it was not closed.
      close();
      open = { role: "", channel: following };
    } else {
      // A marker that cannot stand in a message is part of what it says.
      open.content += marker[0] + following;
    }
  }
  close();
  return { text, segments };
}

function segmentOf(
  open: { role: string; channel?: string; contentType?: string; content?: string },
  end: HarmonySegment["end"],
): HarmonySegment {
  const role = withoutRecipient(open.role);
  const channel = open.channel === undefined ? undefined : withoutRecipient(open.channel);
  return {
    role: role.rest || "assistant",
    channel: channel?.rest,
    recipient: channel?.recipient ?? role.recipient,
    contentType: open.contentType?.trim(),
    content: open.content ?? "",
    end,
  };
}

/** The recipient stands behind the role or behind the channel. */
function withoutRecipient(header: string): { readonly rest: string; readonly recipient: string | undefined } {
  const recipient = /(?:^|\s)to=(\S+)/.exec(header);
  return { rest: header.replace(recipient?.[0] ?? "", "").trim(), recipient: recipient?.[1] };
}
