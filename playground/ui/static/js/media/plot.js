// A Plotly chart that stays mounted: only the newest figure is drawn, in turn with the page's other figures.
import { plotHandles } from "./plot_handles.js";
import { hoverPicture } from "./plot_hover.js";
import { Key } from "./plot_key.js";
import { mark, shaded, themed } from "./plot_layout.js";
import { moved, placeIn } from "./plot_pointer.js";
import { trails } from "./plot_trails.js";
import { Zoom } from "./plot_zoom.js";

const CONFIG = {
  displaylogo: false,
  responsive: true,
  displayModeBar: "hover",
  modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]],
};
/** @type {Overlay[]} of every chart */
const OVERLAYS = [hoverPicture, plotHandles];
const FOLLOW_REST = 70; // milliseconds between two questions of a drag
const MARK_AFTER = 120; // milliseconds from a click to its mark
const LEAST_ROOM = 64; // pixels each way
const CLICK_REACH = 4; // pixels that a click may slip before it is a drag

/** @typedef {import("../medium_io.js").MediumIO} MediumIO */

/**
 * @typedef {(plot: any, io: MediumIO) => (() => void) | void} Overlay puts marks over a chart, into the element that Plotly has
 *   drawn in for the first time; what it returns is called after each drawing
 */

/**
 * @param {HTMLElement} element
 * @param {MediumIO} io
 * @param {Overlay[]} overlays of a tab's own medium
 * @returns {Promise<() => void>}
 */
export async function mount(element, io, overlays = []) {
  const chart = new Chart(element, io, [...OVERLAYS, ...overlays]);
  // plotly.js keeps the page busy for a third of a second: buttons and knobs come first.
  await io.browser.idle(500);
  await io.files.loadOnce(io.files.plotly);
  io.box.onFigure((shown) => chart.take(shown));
  io.draw.onThemeChange(() => chart.redraw());
  io.draw.onResize(chart.plot, () => chart.resize());
  return () => plotly().purge(chart.plot);
}

class Chart {
  /**
   * @param {HTMLElement} element
   * @param {MediumIO} io
   * @param {Overlay[]} overlays
   */
  constructor(element, io, overlays) {
    this.io = io;
    this.overlays = overlays;
    this.key = new Key(io, () => this.redraw());
    this.plot = io.h("div", { class: "chart" });
    element.replaceChildren(this.key.element, this.plot);
    this.zoom = new Zoom();
    /** @type {(() => void)[] | null} what the overlays do after each drawing; null before the first one */
    this.refreshing = null;
    /** @type {any} */
    this.figure = null;
    this.run = 0; // of which the figure is
    this.waiting = false;
    this.isCurrent = false;
    this.held = false;
    this.followedAt = 0;
    /** @type {any[]} */
    this.trails = [];
    /** @type {import("./plot_pointer.js").Place | null} */
    this.clicked = null;
  }

  /** @param {import("../tab_state.js").ShownFigure} shown its figure is {"data", "layout"} */
  take({ figure, run = 0 }) {
    const isSameRun = run > 0 && run === this.run;
    this.trails = this.io.run.isSlow() && isSameRun ? trails(this.figure, figure) : [];
    this.run = run;
    this.figure = figure;
    this.redraw();
  }

  redraw() {
    this.isCurrent = false;
    if (this.waiting) return;
    this.waiting = true;
    this.io.draw.inTurn(() => this.draw());
  }

  /** Plotly shares out the room that the margins leave: where they leave none it draws lines to nowhere. */
  hasRoom() {
    return this.plot.offsetWidth >= LEAST_ROOM && this.plot.offsetHeight >= LEAST_ROOM;
  }

  resize() {
    if (!this.refreshing || !this.isCurrent) this.redraw();
    else if (this.hasRoom()) {
      plotly().Plots.resize(this.plot);
      if (this.meta.room) this.redraw();
    }
  }

  /** @returns {import("./figure_meta.d.ts").FigureMeta} */
  get meta() {
    return this.figure?.layout?.meta ?? {};
  }

  async draw() {
    this.waiting = false;
    const { figure, plot, io } = this;
    if (!figure || this.isCurrent || this.held || !plot.isConnected || !this.hasRoom()) return;
    this.isCurrent = true;
    const layout = figure.layout ?? {};
    const look = {
      ink: io.draw.colour("ink"),
      grid: io.draw.colour("grid"),
      width: plot.offsetWidth,
      height: plot.offsetHeight,
      scale: io.draw.scale,
    };
    const shapes = this.clicked ? mark(this.clicked, look.ink) : [];
    io.box.frame.classList.toggle("large", Boolean(this.meta.large));
    const data = shaded([...this.trails, ...this.key.applyTo(figure)], look);
    const whole = themed(layout, look, this.zoom.rangesIn(layout.uirevision), shapes);
    // A finger that moves scrolls the page; and a drag that asks is no zoom, until the visitor chooses that in the bar.
    if (io.browser.matches("(pointer: coarse)") || io.box.options.drags) whole.dragmode = false;
    await plotly().react(plot, data, whole, CONFIG);
    io.box.drawn();
    if (!this.refreshing) this.listen();
    for (const refresh of this.refreshing ?? []) refresh();
  }

  listen() {
    const { plot } = this;
    plot.dataset.mounts = String(Number(plot.dataset.mounts ?? 0) + 1);
    this.refreshing = this.overlays.flatMap((overlay) => overlay(plot, this.io) ?? []);
    plot.on("plotly_relayout", (/** @type {any} */ change) => this.zoom.note(change, plot._fullLayout));
    plot.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.hold(event), true);
    if (!this.io.box.options.clicks) return;
    Object.assign(plot, { tabIndex: 0, ariaLabel: this.io.say("point_by_keys", { title: this.io.box.options.title }) });
    plot.setAttribute("role", "application");
    plot.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.pointByKey(event));
  }

  /**
   * A redraw would break a drag off: it waits for the release, which Plotly lets be heard on the window only.
   * @param {PointerEvent} down
   */
  hold(down) {
    if (/** @type {Element} */ (down.target).closest(".handle")) return; // the picture follows what is dragged over it
    this.held = true;
    const asks = this.io.box.options.drags && down.pointerType !== "touch" && plotMode(this.plot) === false;
    const end = new AbortController(); // of this drag, or of the box
    this.io.signal.addEventListener("abort", () => end.abort(), { signal: end.signal });
    const options = { capture: true, signal: end.signal };
    if (asks) window.addEventListener("pointermove", this.follow, options);
    const release = (/** @type {PointerEvent} */ up) => {
      end.abort();
      if (up.type === "pointercancel") uncover(up);
      setTimeout(() => {
        this.held = false;
        if (!this.isCurrent) this.redraw();
      });
      const slipped = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY);
      if (this.io.box.options.clicks && up.type === "pointerup" && slipped <= CLICK_REACH) this.click(up);
    };
    for (const kind of ["pointerup", "pointercancel"])
      window.addEventListener(kind, /** @type {any} */ (release), options);
  }

  /**
   * Asks where the pointer is, now and then.
   * @type {(event: PointerEvent) => void}
   */
  follow = (event) => {
    const now = performance.now();
    if (now - this.followedAt < FOLLOW_REST) return;
    this.followedAt = now;
    this.held = false; // what is drawn meanwhile breaks nothing off: Plotly drags nothing
    this.click(event);
  };

  /** @param {KeyboardEvent} event */
  pointByKey(event) {
    const { xaxis, yaxis } = this.plot._fullLayout;
    if (!xaxis || !yaxis) return;
    if (event.key === "Enter" && this.clicked) this.io.questions.click(this.clicked.x, this.clicked.y);
    else {
      const next = moved(this.clicked, event.key, xaxis.range, yaxis.range);
      if (!next) return;
      this.clicked = next;
      this.redraw();
      if (this.io.box.options.drags) this.io.questions.click(next.x, next.y);
    }
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  click(event) {
    const box = this.plot.getBoundingClientRect();
    const charts = Object.values(this.plot._fullLayout._plots ?? {});
    const place = placeIn(charts, event.clientX - box.left, event.clientY - box.top);
    if (!place) return;
    this.clicked = place;
    this.io.questions.click(place.x, place.y);
    setTimeout(() => this.redraw(), MARK_AFTER); // the answer comes first: a large figure takes long to draw
  }
}

/**
 * @param {any} plot
 * @returns {unknown} what a drag does: false, or "zoom" or "pan" where the visitor chose it
 */
const plotMode = (plot) => plot._fullLayout?.dragmode;

/**
 * When a swipe becomes the browser's own scrolling, Plotly hears of no end, and the sheet with which it covers the page
 * during a drag would swallow the next tap.
 * @param {PointerEvent} event
 */
function uncover({ clientX, clientY }) {
  for (const cover of document.querySelectorAll(".dragcover")) {
    cover.dispatchEvent(new MouseEvent("mouseup", { clientX, clientY, bubbles: true }));
  }
}

/** @returns {any} */
function plotly() {
  return /** @type {any} */ (window).Plotly;
}
