// The frame around a figure: title, caption, age; what shows the figure is a medium, a module of its own.
import { subscribe } from "./bus.js";
import { h, loadOnce, setText } from "./dom.js";
import { drawInTurn } from "./draw_queue.js";
import { fileAt } from "./page_data.js";
import { say, sayIn } from "./sentences.js";
import { figureTopic, onState, stateOf } from "./tab_state.js";
import { colour, isDark, onThemeChange, scale } from "./theme.js";

/** @typedef {import("./tab_state.js").ShownFigure} ShownFigure */

/**
 * @typedef {object} BoxOptions
 * @property {string} slug of the tab
 * @property {string} name of the view, or probe-NAME or inset-NAME
 * @property {string} title
 * @property {string} caption one sentence: what to watch
 * @property {string} place
 * @property {string} medium address of its module
 * @property {boolean} clicks whether somebody answers a click
 */

/**
 * @typedef {object} MediumIO what a medium gets, so that it needs no import from the page
 * @property {BoxOptions} options
 * @property {HTMLElement} frame the whole box, for marks that style sheets or tests look at
 * @property {(show: (shown: ShownFigure) => void) => void} onFigure calls with the newest figure, now and later
 * @property {() => void} drawn says that a figure has been drawn
 * @property {(x: number, y: number) => void} click says that the visitor pointed at a place, in the figure's units
 * @property {(listener: (state: import("./tab_state.js").TabState) => void) => void} onState
 * @property {() => boolean} isTraining
 * @property {(draw: () => unknown) => void} drawInTurn
 * @property {() => boolean} isDark
 * @property {(listener: () => void) => void} onThemeChange
 * @property {(name: string) => string} colour from the palette
 * @property {(name: string) => [number, string][] | null} scale from the palette
 * @property {(key: string, values?: Record<string, any>) => string} say
 * @property {(tag: string, attributes?: Record<string, any>, ...children: (Node | string)[]) => any} h
 * @property {(address: string) => Promise<void>} loadOnce
 * @property {(file: string) => string} asset address of a file in `assets/`
 * @property {string} plotly address of plotly.js
 */

/**
 * @param {BoxOptions} options
 * @param {import("./tab.js").TabIO} tab
 * @returns {HTMLElement} a <figure>, which fills as figures come
 */
export function figureBox(options, tab) {
  const { slug, name, title, caption, clicks } = options;
  const age = h("span", { class: "age", hidden: true });
  const refusal = h("p", { class: "complaint", role: "alert", hidden: true });
  const body = h("div", { class: "plot", role: "group", "aria-label": `${title}: ${caption}` });
  const frame = h(
    "figure",
    {
      class: `figure-box place-${options.place}`,
      "data-concept": slug,
      "data-view": name,
      "data-clicks": String(clicks),
    },
    h("figcaption", {}, h("span", { class: "title" }, title), age),
    refusal,
    body,
    h("p", { class: "empty" }, say(options.place === "answer" ? "empty_answer" : "empty_view")),
    h("p", { class: "caption" }, caption),
  );
  if (options.place === "inset") {
    const close = h("button", { type: "button", class: "close", "aria-label": say("close", { title }) }, "×");
    close.addEventListener("click", () => frame.classList.add("closed"));
    frame.querySelector("figcaption").append(close);
  }
  subscribe(figureTopic(slug, name), (/** @type {ShownFigure} */ shown) => {
    frame.classList.remove("closed");
    refusal.hidden = !shown.error;
    setText(refusal, shown.error ?? "");
    if (!shown.figure) return;
    age.hidden = !shown.readyMade;
    setText(age, say("ready_made"));
  });
  import(new URL(options.medium, document.baseURI).href)
    .then((medium) => medium.mount(body, mediumIO(options, frame, tab)))
    .catch(console.error);
  return frame;
}

/**
 * @param {BoxOptions} options
 * @param {HTMLElement} frame
 * @param {import("./tab.js").TabIO} tab
 * @returns {MediumIO}
 */
function mediumIO(options, frame, tab) {
  const { slug, name } = options;
  return {
    options,
    frame,
    onFigure: (show) => {
      subscribe(figureTopic(slug, name), (/** @type {ShownFigure} */ shown) => shown.figure && show(shown));
    },
    drawn: () => {
      frame.classList.add("drawn");
      frame.dataset.draws = String(Number(frame.dataset.draws ?? 0) + 1);
    },
    click: (x, y) => tab.act("click", { view: name, x, y }),
    onState: (listener) => {
      onState(slug, listener);
    },
    isTraining: () => stateOf(slug)?.state === "training",
    drawInTurn,
    isDark,
    onThemeChange,
    colour,
    scale,
    say: sayIn(slug),
    h,
    loadOnce,
    asset: (file) => fileAt(`assets/${file}`),
    plotly: fileAt("plotly.min.js"),
  };
}
