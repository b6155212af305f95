import type { EmbeddedReport } from "../embedded-format.js";
import { AnswerBrowser } from "./answer-browser.js";
import { byId } from "./dom.js";
import { startTheme } from "./theme.js";

startTheme(byId("theme", HTMLButtonElement));

const section = document.getElementById("answers");
if (section !== null) {
  const report = JSON.parse(byId("pka-report", HTMLScriptElement).textContent) as EmbeddedReport;
  const filters = byId("filters", HTMLFormElement);
  filters.hidden = false;
  byId("panes", HTMLElement).hidden = false;
  // Nothing is unpacked before the section comes near, by scrolling, by a link or by the keyboard.
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      void new AnswerBrowser(report).start();
    },
    { rootMargin: "400px" },
  );
  observer.observe(section);
}
