import { html, type Html } from "../html/html.js";
import type { ReportDifference } from "../report-data.js";
import { linearScale, niceTicks, type Scale } from "./scale.js";
import { axis, intervalDot, track } from "./track.js";

const HEIGHT = 24;

/** One scale for all differences of a report, with 0 in it. */
export function differenceScale(differences: readonly ReportDifference[]): Scale {
  const values = differences.flatMap(({ difference, interval }) => [
    difference,
    interval?.lower ?? difference,
    interval?.upper ?? difference,
  ]);
  const lower = Math.min(0, ...values);
  const upper = Math.max(0, ...values);
  const ticks = niceTicks(lower, upper);
  return linearScale(ticks[0]!, ticks.at(-1)!, ticks);
}

export function differencesAxis(scale: Scale): Html {
  return axis(scale, (tick) => `${tick > 0 ? "+" : ""}${Math.round(1000 * tick) / 10}`.replace("-", "−"), 4);
}

/** A difference as a dot on its interval, and the line of no difference. */
export function differenceTrack({ difference, interval, verdict }: ReportDifference, scale: Scale): Html {
  const zero = scale.x(0);
  return track(
    scale,
    HEIGHT,
    html`<line class="zero" x1="${zero}" x2="${zero}" y1="0" y2="${HEIGHT}" /><g class="${verdict}"
        >${intervalDot(scale, HEIGHT, difference, interval)}</g
      >`,
  );
}
