import { element } from "./dom.js";

/** In pixels; the style sheet gives the options this height. */
const ROW_HEIGHT = 60;
/** Rows kept above and below what can be seen. */
const MARGIN = 8;

/**
 * A listbox of any number of rows of which only those in view exist. The focus stays on the box; `aria-activedescendant` names the
 * chosen option, and every option says where it stands among all.
 */
export class AnswerList {
  readonly #box: HTMLElement;
  readonly #sizer = element("div", { class: "sizer", role: "presentation" });
  readonly #draw: (row: number) => readonly Node[];
  readonly #choose: (position: number) => void;
  #rows: readonly number[] = [];
  #chosen = -1;

  /**
   * @param box - Has role `listbox` and can take the focus.
   * @param draw - The content of a row's option.
   * @param choose - Called with the position of the row that is chosen.
   * @param open - Called on Enter.
   */
  constructor(
    box: HTMLElement,
    draw: (row: number) => readonly Node[],
    choose: (position: number) => void,
    open: () => void,
  ) {
    this.#box = box;
    this.#draw = draw;
    this.#choose = choose;
    box.append(this.#sizer);
    box.addEventListener("scroll", () => this.redraw(), { passive: true });
    box.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "Enter") open();
      else if (!this.#move(event.key)) return;
      event.preventDefault();
    });
    box.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (option !== null) this.choose(Number(option.getAttribute("aria-posinset")) - 1);
    });
    new ResizeObserver(() => this.redraw()).observe(box);
  }

  get rows(): readonly number[] {
    return this.#rows;
  }

  get chosen(): number {
    return this.#chosen;
  }

  /** Show other rows, the first of them chosen. */
  show(rows: readonly number[]): void {
    this.#rows = rows;
    this.#sizer.style.height = `${rows.length * ROW_HEIGHT}px`;
    this.#box.scrollTop = 0;
    this.#chosen = -1;
    this.choose(0);
  }

  /** Positions outside are moved to the nearest end. */
  choose(position: number): void {
    this.#chosen = Math.min(Math.max(position, 0), this.#rows.length - 1);
    const top = this.#chosen * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.#box;
    if (top < scrollTop) this.#box.scrollTop = Math.max(top, 0);
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.#box.scrollTop = top + ROW_HEIGHT - clientHeight;
    this.redraw();
    this.#choose(this.#chosen);
  }

  /** Draw what is in view anew: after scrolling, and when texts have been unpacked. */
  redraw(): void {
    const { scrollTop, clientHeight } = this.#box;
    const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - MARGIN);
    const last = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + MARGIN);
    const options = [];
    for (let position = first; position < last; position++) options.push(this.#option(position));
    const isChosenDrawn = this.#chosen >= first && this.#chosen < last;
    if (!isChosenDrawn && this.#chosen >= 0) options.push(this.#option(this.#chosen));
    this.#sizer.replaceChildren(...options);
    if (this.#chosen >= 0) this.#box.setAttribute("aria-activedescendant", optionId(this.#chosen));
    else this.#box.removeAttribute("aria-activedescendant");
  }

  #option(position: number): HTMLElement {
    const option = element("div", {
      role: "option",
      id: optionId(position),
      "aria-posinset": String(position + 1),
      "aria-setsize": String(this.#rows.length),
      "aria-selected": String(position === this.#chosen),
    });
    option.style.transform = `translateY(${position * ROW_HEIGHT}px)`;
    option.append(...this.#draw(this.#rows[position]!));
    return option;
  }

  #move(key: string): boolean {
    const page = Math.max(1, Math.floor(this.#box.clientHeight / ROW_HEIGHT) - 1);
    const target: Readonly<Record<string, number>> = {
      ArrowDown: this.#chosen + 1,
      ArrowUp: this.#chosen - 1,
      PageDown: this.#chosen + page,
      PageUp: this.#chosen - page,
      Home: 0,
      End: this.#rows.length - 1,
    };
    if (!Object.hasOwn(target, key) || this.#rows.length === 0) return false;
    this.choose(target[key]!);
    return true;
  }
}

function optionId(position: number): string {
  return `answer-${position}`;
}
