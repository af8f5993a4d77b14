// The frame around a figure: title, caption, age; what shows the figure is a medium, a module of its own.
import { grabPointer, idle, matches, onResize, playMedia } from "./browser.js";
import { subscribe } from "./bus.js";
import { fresh } from "./canvas.js";
import { h, loadOnce, setText } from "./dom.js";
import { drawInTurn } from "./draw_queue.js";
import { fileAt } from "./page_data.js";
import { say, sayIn } from "./sentences.js";
import { figureTopic, LASTS, onState, stateOf } from "./tab_state.js";
import { colour, isDark, onThemeChange, scale } from "./theme.js";

const GONE = -1; // run of a figure whose run the server no longer has
const LATE = 1500; // milliseconds after which a figure of a model that has trained on says of which step it is

/** @typedef {import("./tab_state.js").ShownFigure} ShownFigure */

/**
 * @typedef {object} BoxOptions
 * @property {string} slug of the tab
 * @property {string} name of the view, or probe-NAME or inset-NAME
 * @property {string} probe whose answers it shows; "" for a view
 * @property {string} title
 * @property {string} caption one sentence: what to watch
 * @property {string} place
 * @property {string} medium address of its module
 * @property {boolean} clicks whether somebody answers a click
 * @property {boolean} [drags] whether a drag asks all along its way
 */

/**
 * @typedef {object} MediumIO what a medium gets, so that it needs no import from the page
 * @property {BoxOptions} options
 * @property {HTMLElement} frame the whole box, for marks that style sheets or tests look at
 * @property {(show: (shown: ShownFigure) => void) => void} onFigure calls with the newest figure, now and later
 * @property {() => void} drawn says that a figure has been drawn
 * @property {(x: number, y: number) => void} click says that the visitor pointed at a place, in the figure's units
 * @property {(changes: Record<string, any>) => void} askAgain asks the probe whose answer it shows, with other fields
 * @property {(probe: string, changes: Record<string, any>) => void} ask a probe from a view, again while the model trains on
 * @property {(probe: string) => void} leave a probe that was asked: its answer is no longer shown here
 * @property {(probe: string, show: (answer: ShownFigure) => void) => void} onAnswer calls with a probe's answers, refusals too
 * @property {(answer: ShownFigure | null) => void} showsInstead says that it shows an answer now, or its own figure again
 * @property {(changes: Record<string, any>) => void} setKnobs sets knobs by what the visitor draws in it
 * @property {(listener: (state: import("./tab_state.js").TabState) => void) => void} onState
 * @property {() => boolean} isTraining
 * @property {() => boolean} isSlow whether single steps are watched
 * @property {(draw: () => unknown) => void} drawInTurn
 * @property {typeof onResize} onResize
 * @property {typeof matches} matches whether a media query does
 * @property {typeof playMedia} playMedia
 * @property {typeof grabPointer} grabPointer
 * @property {typeof idle} idle
 * @property {() => boolean} isDark
 * @property {(listener: () => void) => void} onThemeChange
 * @property {(name: string) => string} colour from the palette
 * @property {(name: string) => [number, string][] | null} scale from the palette
 * @property {(key: string, values?: Record<string, any>) => string} say
 * @property {(tag: string, attributes?: Record<string, any>, ...children: (Node | string)[]) => any} h
 * @property {typeof fresh} fresh a canvas made as sharp as the screen
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
  const { slug, name, title, caption, clicks, place } = options;
  const age = h("span", { class: "age", hidden: true });
  const refusal = h("p", { class: "complaint", role: "alert", hidden: true });
  const failure = h("p", { class: "complaint medium-failed", role: "alert", hidden: true });
  const body = h("div", { class: "plot", role: "group", "aria-label": `${title}: ${caption}` });
  const words = h("p", { class: "caption" }, caption);
  const frame = h(
    "figure",
    { class: `figure-box place-${place}`, "data-concept": slug, "data-view": name, "data-clicks": String(clicks) },
    h("figcaption", {}, h("span", { class: "title" }, title), age),
    refusal,
    failure,
    body,
    h("p", { class: "empty" }, say(place === "answer" ? "empty_answer" : "empty_view")),
    words,
  );
  if (place === "inset") {
    const close = h("button", { type: "button", class: "close", "aria-label": say("close", { title }) }, "×");
    close.addEventListener("click", () => frame.classList.add("closed"));
    frame.querySelector("figcaption").append(close);
  }
  const isAnswer = place === "inset" || place === "answer";
  const shows = { step: 0, run: 0, at: 0, readyMade: false };
  /** @type {Shows | null} an answer in its place */
  let instead = null;
  const tellAge = () => showAge(frame, age, instead ?? shows, isAnswer, tab);
  const showsInstead = (/** @type {ShownFigure | null} */ answer) => {
    instead = answer && { step: answer.step, readyMade: answer.readyMade ?? false, at: performance.now() };
    tellAge();
  };
  subscribe(figureTopic(slug, name), (/** @type {ShownFigure} */ shown) => {
    frame.classList.remove("closed");
    refusal.hidden = !shown.error;
    setText(refusal, shown.error ?? "");
    if (!shown.figure) return;
    const { step, run = 0, readyMade = false } = shown;
    Object.assign(shows, { step, run, readyMade, at: performance.now() });
    frame.classList.remove("cleared");
    tellAge();
  });
  onState(slug, (state) => {
    // What belongs to another run than the one that is there now goes, until this one has its own.
    if ((isAnswer || !shows.readyMade) && state.run && shows.run !== state.run) {
      frame.classList.add("cleared");
      refusal.hidden = true;
    }
    if (!state.run && shows.run) shows.run = GONE; // after a restart the server may number its runs from 1 again
    frame.hidden = state.hidden.includes(options.probe || name);
    setText(words, state.captions[name] ?? caption);
    tellAge();
  });
  subscribe(`${slug}/knobs`, tellAge);
  const fails = (/** @type {string} */ sentence, /** @type {unknown} */ error) => {
    if (error) console.error(`${slug}: ${name} failed.`, error);
    failure.hidden = !sentence;
    setText(failure, sentence);
  };
  import(new URL(options.medium, document.baseURI).href)
    .then((medium) => medium.mount(body, mediumIO(options, frame, tab, showsInstead, fails)))
    .catch((error) => fails(say("medium_missing"), error));
  return frame;
}

/**
 * @typedef {object} Shows which model a figure is of, and since when it stands there
 * @property {number} step
 * @property {boolean} readyMade
 * @property {number} at
 */

/**
 * Says of which model a figure is, where it is not the one of this moment; an answer of an older one is greyed.
 * @param {HTMLElement} frame
 * @param {HTMLElement} age
 * @param {Shows} shows
 * @param {boolean} isAnswer
 * @param {import("./tab.js").TabIO} tab
 */
function showAge(frame, age, shows, isAnswer, tab) {
  const state = stateOf(tab.slug);
  const isOld = state !== undefined && !shows.readyMade && shows.step !== state.step;
  const isLate = isOld && (state.state !== "training" || performance.now() - shows.at > LATE);
  age.hidden = !shows.readyMade && !isLate;
  if (shows.readyMade) setText(age, say(tab.isDefault() ? "ready_made" : "ready_made_default"));
  else if (isLate) setText(age, say("of_step", { step: shows.step }));
  frame.classList.toggle("stale", isAnswer && isLate);
}

/**
 * @param {BoxOptions} options
 * @param {HTMLElement} frame
 * @param {import("./tab.js").TabIO} tab
 * @param {(answer: ShownFigure | null) => void} showsInstead
 * @param {(sentence: string, error?: unknown) => void} fails says in the box that the medium failed, "" that it no longer does
 * @returns {MediumIO}
 */
function mediumIO(options, frame, tab, showsInstead, fails) {
  const { slug, name } = options;
  /** @type {Set<string>} */
  const failed = new Set();
  /**
   * @param {string} what of the medium is called
   * @param {() => unknown} call may be asynchronous
   */
  const guarded = async (what, call) => {
    try {
      await call();
      if (failed.delete(what) && !failed.size) fails("");
    } catch (error) {
      failed.add(what);
      fails(say("medium_failed"), error);
    }
  };
  return {
    options,
    frame,
    onFigure: (show) => {
      subscribe(figureTopic(slug, name), (/** @type {ShownFigure} */ shown) => {
        if (shown.figure) guarded("show", () => show(shown));
      });
    },
    drawn: () => {
      frame.classList.add("drawn");
      frame.dataset.draws = String(Number(frame.dataset.draws ?? 0) + 1);
    },
    click: (x, y) => tab.click(name, x, y),
    showsInstead,
    setKnobs: (changes) => tab.setKnobs(changes),
    askAgain: (changes) => tab.askAgain(options.probe, changes),
    ask: (probe, changes) => {
      tab.watch(probe, frame);
      tab.askAgain(probe, changes);
    },
    leave: (probe) => tab.unwatch(probe, frame),
    onAnswer: (probe, show) => {
      subscribe(figureTopic(slug, `probe-${probe}`), show);
    },
    onState: (listener) => {
      onState(slug, listener);
    },
    isTraining: () => stateOf(slug)?.state === "training",
    isSlow: () => (stateOf(slug)?.speed ?? "") in LASTS,
    drawInTurn: (draw) => {
      const isLive = !["inset", "answer"].includes(options.place) && stateOf(slug)?.state === "training";
      return drawInTurn(() => guarded("draw", draw), { isLive });
    },
    onResize,
    matches,
    playMedia,
    grabPointer,
    idle,
    isDark,
    onThemeChange,
    colour,
    scale,
    say: sayIn(slug),
    h,
    fresh,
    loadOnce,
    asset: (file) => fileAt(`assets/${file}`),
    plotly: fileAt("plotly.min.js"),
  };
}
