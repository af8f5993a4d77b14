// What a medium gets of the page, in groups, so that it imports nothing from the page. What a medium starts through it ends
// with the box in which the medium stands.
import { grabPointer, idle, matches, onResize, playMedia } from "./browser.js";
import { subscribe } from "./bus.js";
import { fresh } from "./canvas.js";
import { h, loadOnce } from "./dom.js";
import { drawInTurn } from "./draw_queue.js";
import { fileAt } from "./page_data.js";
import { say, sayIn } from "./sentences.js";
import { figureTopic, LASTS, onState, stateOf } from "./tab_state.js";
import { colour, isDark, onThemeChange, scale } from "./theme.js";

/** @typedef {import("./figure_box.js").BoxOptions} BoxOptions */
/** @typedef {import("./tab_state.js").ShownFigure} ShownFigure */

/**
 * @typedef {object} MediumIO what `mount(element, io)` of a medium gets; `mount` may return (or promise) a function that
 *   ends what the medium has started by itself: loops, timers, sounds
 * @property {BoxIO} box the box in which it stands, and its figures
 * @property {QuestionsIO} questions what the visitor asks the model in it
 * @property {RunIO} run
 * @property {KnobsIO} knobs
 * @property {DrawIO} draw
 * @property {BrowserIO} browser what a browser may lack or refuse
 * @property {FilesIO} files
 * @property {AbortSignal} signal aborted when the box ends; for listeners on the window or the document:
 *   `window.addEventListener(kind, listener, { signal })`
 * @property {(key: string, values?: Record<string, any>) => string} say a sentence of the tab's or the page's catalogue
 * @property {(tag: string, attributes?: Record<string, any>, ...children: (Node | string)[]) => any} h makes an element
 */

/**
 * @typedef {object} BoxIO
 * @property {BoxOptions} options
 * @property {HTMLElement} frame the whole box, for marks that style sheets or tests look at
 * @property {(show: (shown: ShownFigure) => void) => void} onFigure calls with the newest figure, now and later; figures of
 *   one step may come several times: an answer in parts, the coarse one first, or a model whose live knobs were turned
 * @property {() => void} drawn says that a figure has been drawn
 * @property {(answer: ShownFigure | null) => void} showsInstead says that it shows an answer now, or its own figure again
 */

/**
 * @typedef {object} QuestionsIO
 * @property {(x: number, y: number) => void} click says that the visitor pointed at a place, in the figure's units
 * @property {(changes: Record<string, any>) => void} askAgain asks the probe whose answer the box shows, with other fields
 * @property {(probe: string, changes: Record<string, any>) => void} ask a probe from a view, again while the model trains on
 * @property {(probe: string) => void} leave a probe that was asked: its answer is no longer shown here
 * @property {(probe: string, show: (answer: ShownFigure) => void) => void} onAnswer calls with a probe's answers, refusals too
 */

/**
 * @typedef {object} RunIO
 * @property {(listener: (state: import("./tab_state.js").TabState) => void) => void} onState calls now and with every news
 * @property {() => boolean} isTraining
 * @property {() => boolean} isSlow whether single steps are watched
 */

/**
 * @typedef {object} KnobAbout a knob's bounds and words
 * @property {string} name
 * @property {string} label
 * @property {any} value the default
 * @property {string} [symbol] a letter in the formulas
 * @property {number | null} [low]
 * @property {number | null} [high]
 * @property {number | "any" | null} [step] between two values; "any": all values between the bounds
 */

/**
 * @typedef {object} KnobsIO
 * @property {(changes: Record<string, any>) => void} set turns knobs, which the server is told at once, or after a short
 *   rest; a live knob acts on the run, also while it is paused
 * @property {() => Record<string, any>} get their values on the page now
 * @property {(name: string) => KnobAbout | undefined} about
 * @property {(listener: () => void) => void} onChange calls when the server has set knobs: by a preset, a link, a limit
 */

/**
 * @typedef {object} DrawIO
 * @property {(draw: () => unknown) => void} inTurn draws after the page's other figures; an error becomes a sentence in the box
 * @property {(element: Element, listener: () => void) => void} onResize calls when a size is first known and when it changes
 * @property {() => boolean} isDark
 * @property {(listener: () => void) => void} onThemeChange
 * @property {(name: string) => string} colour from the palette
 * @property {(name: string) => [number, string][] | null} scale from the palette
 * @property {typeof fresh} fresh a canvas made as sharp as the screen
 */

/**
 * @typedef {object} BrowserIO
 * @property {typeof matches} matches whether a media query does
 * @property {typeof playMedia} playMedia
 * @property {typeof grabPointer} grabPointer
 * @property {typeof idle} idle
 */

/**
 * @typedef {object} FilesIO
 * @property {(file: string) => string} asset address of a file in `assets/`
 * @property {string} plotly address of plotly.js
 * @property {(address: string) => Promise<void>} loadOnce loads a script or a style sheet
 * @property {() => Promise<typeof import("./media/plot.js")>} plot the shared medium of charts, for a medium that lays marks of
 *   its own over one
 * @property {() => Promise<typeof import("./media/handles.js")>} handles places at which live knobs are set, for a medium that
 *   draws by itself
 */

/**
 * @typedef {object} Host the box as the medium's interface needs it
 * @property {BoxOptions} options
 * @property {HTMLElement} frame
 * @property {import("./tab.js").TabIO} tab
 * @property {AbortSignal} signal aborted when the box ends
 * @property {(answer: ShownFigure | null) => void} showsInstead
 * @property {(sentence: string, error?: unknown) => void} fails says in the box that the medium failed, "" that it works again
 */

/**
 * Starts something that ends with the box; nothing is started in a box that has ended.
 * @param {AbortSignal} signal
 * @param {() => () => void} start its result ends what was started
 */
export function until(signal, start) {
  if (!signal.aborted) signal.addEventListener("abort", start(), { once: true });
}

/**
 * @param {Host} host
 * @returns {MediumIO}
 */
export function mediumIO(host) {
  const { options, tab, signal } = host;
  const guarded = guard(host.fails);
  return {
    box: boxIO(host, guarded),
    questions: questionsIO(host, guarded),
    run: {
      onState: (listener) => until(signal, () => onState(tab.slug, listener)),
      isTraining: () => isTraining(tab.slug),
      isSlow: () => (stateOf(tab.slug)?.speed ?? "") in LASTS,
    },
    knobs: {
      set: (changes) => tab.setKnobs(changes),
      get: () => tab.knobs(),
      about: (name) => tab.about.knobs.find((knob) => knob.name === name),
      onChange: (listener) => until(signal, () => subscribe(`${tab.slug}/knobs`, listener)),
    },
    draw: {
      inTurn: (draw) => {
        const isLive = !["inset", "answer"].includes(options.place) && isTraining(tab.slug);
        drawInTurn(() => (signal.aborted ? undefined : guarded("draw", draw)), { isLive });
      },
      onResize: (element, listener) => until(signal, () => onResize(element, listener)),
      isDark,
      onThemeChange: (listener) => until(signal, () => onThemeChange(listener)),
      colour,
      scale,
      fresh,
    },
    browser: { matches, playMedia, grabPointer, idle },
    files: {
      asset: (file) => fileAt(`assets/${file}`),
      plotly: fileAt("plotly.min.js"),
      loadOnce,
      plot: () => import("./media/plot.js"),
      handles: () => import("./media/handles.js"),
    },
    signal,
    say: sayIn(tab.slug),
    h,
  };
}

/** @param {string} slug */
const isTraining = (slug) => stateOf(slug)?.state === "training";

/** @typedef {(what: string, call: () => unknown) => Promise<void>} Guarded */

/**
 * Calls a part of the medium, which may be asynchronous; what fails is a sentence in the box until it works again.
 * @param {Host["fails"]} fails
 * @returns {Guarded}
 */
function guard(fails) {
  /** @type {Set<string>} */
  const failed = new Set();
  return async (what, call) => {
    try {
      await call();
      if (failed.delete(what) && !failed.size) fails("");
    } catch (error) {
      failed.add(what);
      fails(say("medium_failed"), error);
    }
  };
}

/**
 * @param {Host} host
 * @param {Guarded} guarded
 * @returns {BoxIO}
 */
function boxIO({ options, frame, tab, signal, showsInstead }, guarded) {
  return {
    options,
    frame,
    onFigure: (show) =>
      until(signal, () =>
        subscribe(figureTopic(tab.slug, options.name), (/** @type {ShownFigure} */ shown) => {
          if (shown.figure) guarded("show", () => show(shown));
        }),
      ),
    drawn: () => {
      frame.classList.add("drawn");
      frame.dataset.draws = String(Number(frame.dataset.draws ?? 0) + 1);
    },
    showsInstead,
  };
}

/**
 * @param {Host} host
 * @param {Guarded} guarded
 * @returns {QuestionsIO}
 */
function questionsIO({ options, frame, tab, signal }, guarded) {
  /** @type {Set<string>} probes that were asked and not left */
  const asked = new Set();
  const leave = (/** @type {string} */ probe) => {
    asked.delete(probe);
    tab.unwatch(probe, frame);
  };
  until(signal, () => () => {
    for (const probe of [...asked]) leave(probe);
  });
  return {
    click: (x, y) => tab.click(options.name, x, y),
    askAgain: (changes) => tab.askAgain(options.probe, changes),
    ask: (probe, changes) => {
      if (signal.aborted) return;
      asked.add(probe);
      tab.watch(probe, frame);
      tab.askAgain(probe, changes);
    },
    leave,
    onAnswer: (probe, show) =>
      until(signal, () =>
        subscribe(figureTopic(tab.slug, `probe-${probe}`), (/** @type {ShownFigure} */ answer) => {
          guarded("answer", () => show(answer));
        }),
      ),
  };
}
