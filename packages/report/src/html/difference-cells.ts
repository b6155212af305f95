import { count, points, pointsInterval, pValue } from "../format-figures.js";
import type { PairedDifference } from "../report-data.js";
import { verdictTitle } from "../report-rows.js";
import { html, type Html } from "./html.js";

/** A difference in points, its interval, and where it could lie with the rows that are missing. */
export function amountCell({ difference, interval, bounds }: PairedDifference): Html {
  return html`<td class="num">
    <b>${points(difference)}</b>${
      interval !== null && html` <span class="interval">${pointsInterval(interval)}</span>`
    }${
      bounds !== null &&
      html`<small class="bounds">missing rows: ${points(bounds.lower)} to ${points(bounds.upper)}</small>`
    }
  </td>`;
}

/** The heads of {@link testCells}. */
export const TEST_HEADS = html`<th scope="col" class="num">Gained, lost</th>
  <th scope="col" class="num">McNemar</th>
  <th scope="col" class="num">Holm</th>
  <th scope="col">Verdict</th>`;

/** The pairs that differ, p, p after Holm's correction, and the verdict: four cells. */
export function testCells(one: PairedDifference): Html {
  const { onlyRun, onlyBaseline, pairs, unpaired, p, clusteredP, adjustedP, verdict } = one;
  return html`<td class="num">
      ${count(onlyRun)}, ${count(onlyBaseline)}<small
        >of ${count(pairs)} pairs${unpaired > 0 && html`, ${count(unpaired)} unpaired`}</small
      >
    </td>
    <td class="num">
      ${p === null ? "–" : pValue(p)}${clusteredP !== null && html`<small>clustered ${pValue(clusteredP)}</small>`}
    </td>
    <td class="num">${adjustedP === null ? "–" : pValue(adjustedP)}</td>
    <td class="verdict ${verdict}">${verdictTitle(one)}</td>`;
}
