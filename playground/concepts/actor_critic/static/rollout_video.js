// A video of episodes that loops, with each actor's numbers over it and its V and advantage under it.
import { across, drawLines, LEFT, RIGHT } from "./rollout_lines.js";
import { ActorRows } from "./rollout_rows.js";

const SPEEDS = ["0.25", "0.5", "1", "2"];
const SHORT = 60; // steps, under which a newer video need not wait for the end
const SEEK = /** @type {Record<string, number>} */ ({
  ArrowLeft: -1,
  ArrowRight: 1,
  PageDown: -25,
  PageUp: 25,
  Home: -1e9,
  End: 1e9,
});

/** @typedef {import("./rollout_lines.js").Actor} Actor */

/**
 * @typedef {object} Rollout as `rollout_video.py` makes it
 * @property {string} src data URL of an MP4
 * @property {number} rate steps a second
 * @property {Actor[]} actors
 * @property {string[]} actions
 * @property {number} bound greatest possible V
 * @property {string} caption
 */

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("actor_critic.css", import.meta.url).href);
  const player = new Player(element, io);
  io.box.onFigure(({ figure, pre_trained }) => player.take(figure.video, Boolean(pre_trained)));
  io.run.onState(() => player.whenPaused());
  io.draw.onThemeChange(() => player.tell());
  return () => player.end();
}

class Player {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    this.screen = h("div", { class: "screen" });
    this.lines = h("canvas", {
      class: "lines",
      tabindex: 0,
      role: "slider",
      "aria-label": say("video_step"),
      "aria-valuemin": 1,
    });
    this.button = h("button", { type: "button", class: "play", onclick: () => this.play(!this.wanted) });
    this.speed = h("select", { "aria-label": say("video_speed") });
    this.speed.append(...SPEEDS.map((speed) => h("option", { value: speed }, `${speed} ×`)));
    this.speed.value = "1";
    this.words = h("span", { class: "video-words" });
    element.classList.add("rollout-video");
    element.replaceChildren(this.screen, this.lines, h("div", { class: "tools" }, this.button, this.speed, this.words));
    /** @type {HTMLVideoElement | null} */
    this.video = null;
    /** @type {Rollout | null} */
    this.rollout = null;
    /** @type {Rollout | null} */
    this.next = null;
    this.isPreTrained = this.nextIsPreTrained = false;
    this.rows = new ActorRows(io);
    this.chart = document.createElement("canvas");
    this.charted = "";
    this.number = 0;
    this.wanted = true;
    this.play(!io.browser.matches("(prefers-reduced-motion: reduce)"));
    this.speed.addEventListener("change", () => {
      if (this.video) this.video.playbackRate = Number(this.speed.value);
    });
    this.lines.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      io.browser.grabPointer(this.lines, event);
      this.drag(event);
    });
    this.lines.addEventListener(
      "pointermove",
      (/** @type {PointerEvent} */ event) => event.buttons && this.drag(event),
    );
    this.lines.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    io.draw.onResize(this.lines, () => {
      io.box.frame.classList.toggle("narrow", io.box.frame.offsetWidth < 480);
      this.tell();
    });
  }

  /**
   * While a run trains, a video under way plays to its end first; a paused run shows its newest at once.
   * @param {Rollout} rollout
   * @param {boolean} isPreTrained
   */
  take(rollout, isPreTrained) {
    this.next = rollout;
    this.nextIsPreTrained = isPreTrained;
    const mayWait = this.video && !this.isPreTrained && !this.video.ended && this.steps() >= SHORT;
    if (!mayWait || !this.io.run.isTraining() || !this.wanted) this.load();
  }

  whenPaused() {
    if (this.next && this.video && !this.io.run.isTraining()) this.load();
  }

  steps() {
    return Math.max(1, ...(this.rollout?.actors ?? []).map((actor) => actor.value.length));
  }

  step() {
    if (!this.video || !this.rollout) return 0;
    return Math.min(Math.round(this.video.currentTime * this.rollout.rate), this.steps() - 1);
  }

  /** The new video replaces the old one when it can be shown, so that the screen is never blank. */
  load() {
    const rollout = this.next;
    if (!rollout) return;
    const isPreTrained = this.nextIsPreTrained;
    const address = blobURL(rollout.src);
    const fresh = this.io.h("video", { src: address, "aria-hidden": "true" });
    Object.assign(fresh, { muted: true, playsInline: true, playbackRate: Number(this.speed.value) });
    fresh.addEventListener("loadeddata", () => this.show(fresh, rollout, isPreTrained), { once: true });
    if (!fresh.requestVideoFrameCallback) fresh.addEventListener("timeupdate", () => this.tell());
    fresh.addEventListener("error", () => {
      this.words.textContent = this.io.say("video_format");
      this.io.box.drawn();
    });
    fresh.addEventListener("ended", () => this.atEnd(fresh));
  }

  /**
   * @param {HTMLVideoElement} fresh
   * @param {Rollout} rollout
   * @param {boolean} isPreTrained
   */
  show(fresh, rollout, isPreTrained) {
    if (this.next !== rollout) {
      URL.revokeObjectURL(fresh.src);
      return;
    }
    if (this.video) {
      this.video.pause();
      URL.revokeObjectURL(this.video.src);
    }
    this.next = null;
    Object.assign(this, { rollout, isPreTrained, video: fresh, number: this.number + 1 });
    this.screen.replaceChildren(fresh, ...this.rows.show(rollout));
    this.io.box.drawn();
    if (this.wanted) this.io.browser.playMedia(fresh);
    this.tell();
    this.follow(fresh);
  }

  end() {
    this.play(false);
    if (this.video) URL.revokeObjectURL(this.video.src);
    this.video = this.next = null;
  }

  /** @param {HTMLVideoElement} ended */
  atEnd(ended) {
    if (this.next) this.load();
    else if (this.wanted) {
      ended.currentTime = 0;
      this.io.browser.playMedia(ended);
    }
  }

  /**
   * With every frame that is shown, the numbers that belong to it.
   * @param {HTMLVideoElement} playing
   */
  follow(playing) {
    if (this.video !== playing || !playing.requestVideoFrameCallback) return;
    playing.requestVideoFrameCallback(() => {
      if (this.video === playing && this.io.box.frame.offsetWidth) this.tell();
      this.follow(playing);
    });
  }

  tell() {
    const { rollout } = this;
    if (!rollout) return;
    const at = this.step();
    this.rows.tell(at);
    const words = this.io.say("video_words", { caption: rollout.caption, step: at + 1, steps: this.steps() });
    if (this.words.textContent !== words) this.words.textContent = words;
    const values = { "aria-valuemax": this.steps(), "aria-valuenow": at + 1, "aria-valuetext": words };
    for (const [name, value] of Object.entries(values)) this.lines.setAttribute(name, String(value));
    this.io.box.frame.dataset.step = String(at + 1);
    this.paint(at);
  }

  /**
   * The lines are drawn once a video, the cursor anew for each step.
   * @param {number} at
   */
  paint(at) {
    const { width, height } = this.lines.getBoundingClientRect();
    const { rollout, io } = this;
    if (!width || !height || !rollout) return;
    const ratio = window.devicePixelRatio || 1;
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    const key = [this.number, ...size, io.draw.isDark()].join();
    if (key !== this.charted) {
      this.charted = key;
      for (const canvas of [this.chart, this.lines]) [canvas.width, canvas.height] = size;
      const pen = /** @type {CanvasRenderingContext2D} */ (this.chart.getContext("2d"));
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      const look = {
        line: io.draw.colour("line"),
        soft: io.draw.colour("ink-soft"),
        bound: io.draw.colour("notes"),
        boundWords: io.say("greatest_v"),
        advantageWords: io.say("advantage"),
      };
      drawLines(pen, width, height, { ...rollout, steps: this.steps() }, look);
    }
    const pen = this.lines.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, ...size);
    pen.drawImage(this.chart, 0, 0);
    pen.fillStyle = io.draw.colour("ink");
    pen.fillRect(Math.round(across(at, this.steps(), width) * ratio), 4 * ratio, ratio, (height - 8) * ratio);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const box = this.lines.getBoundingClientRect();
    this.seek(((event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)) * (this.steps() - 1));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = SEEK[event.key];
    if (!by) return;
    event.preventDefault();
    this.play(false);
    this.seek(this.step() + by);
  }

  /** @param {number} step */
  seek(step) {
    if (!this.video || !this.rollout) return;
    this.video.currentTime = Math.max(0, Math.min(step, this.steps() - 1)) / this.rollout.rate;
    this.tell();
  }

  /** @param {boolean} wanted */
  play(wanted) {
    this.wanted = wanted;
    this.button.textContent = wanted ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", this.io.say(wanted ? "video_pause" : "video_play"));
    if (!this.video) return;
    if (!wanted) this.video.pause();
    else {
      if (this.video.ended) this.video.currentTime = 0;
      this.io.browser.playMedia(this.video);
    }
  }
}

/** @param {string} url a data URL */
function blobURL(url) {
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (c) => c.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
}
