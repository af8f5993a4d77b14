// Dancers in space, in time with a sound: drag turns them, nothing sounds before a click.
import { metre, project } from "./skeleton.js";

/**
 * @typedef {object} Dance as `probes.py` makes it
 * @property {number} fps
 * @property {[number, number][]} bones
 * @property {number[]} left joints of the dancer's left side, at whose end a bone has its colour
 * @property {number[]} right
 * @property {number} head
 * @property {{joints: number[][][], title: string, about: string}[]} dancers
 * @property {{src: string, title: string, about: string}[]} sounds
 */

/**
 * @param {HTMLElement} element
 * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
 */
export async function mount(element, io) {
  await io.files.loadOnce(new URL("clip.css", import.meta.url).href);
  const floor = new DanceFloor(element, io);
  io.box.onFigure(({ figure }) => floor.take(figure.dance));
  io.draw.onThemeChange(() => floor.draw());
  io.draw.onResize(element, () => floor.draw());
  return () => floor.sound.pause();
}

class DanceFloor {
  /**
   * @param {HTMLElement} element
   * @param {import("../../../ui/static/js/medium_io.js").MediumIO} io
   */
  constructor(element, io) {
    const { h, say } = io;
    this.io = io;
    /** @type {Dance | null} */
    this.dance = null;
    this.turn = 0.5; // radians round the vertical
    this.chosen = 0; // of the sounds
    this.began = performance.now();
    this.sound = new Audio();
    this.sound.loop = true;
    this.canvas = h("canvas", { class: "dance-floor", tabindex: 0, role: "img", "aria-label": io.box.options.title });
    this.play = h(
      "button",
      { type: "button", class: "small-button play", onclick: () => this.toggle() },
      say("listen"),
    );
    this.sounds = h("span", { class: "sounds", role: "group" });
    element.classList.add("dance");
    element.replaceChildren(this.canvas, h("div", { class: "dance-bar" }, this.play, this.sounds));
    this.turnByHand();
    this.frame();
  }

  /** @param {Dance} dance */
  take(dance) {
    const { io } = this;
    const same = this.dance && JSON.stringify(this.dance.sounds) === JSON.stringify(dance.sounds);
    this.dance = dance;
    io.box.frame.classList.add("large");
    if (!same) this.choose(0, !this.sound.paused);
    this.sounds.replaceChildren(
      ...dance.sounds.map(({ title, about }, i) => {
        const words = about ? io.say("sound", { title, about }) : title;
        const chosen = String(i === this.chosen);
        return io.h(
          "button",
          { type: "button", class: "small-button", "aria-pressed": chosen, onclick: () => this.choose(i, true) },
          words,
        );
      }),
    );
    const words = dance.dancers.map(({ title, about }) => io.say("dancer", { title, about }));
    this.canvas.setAttribute("aria-label", [io.box.options.title, ...words].join(". "));
    this.draw();
    io.box.drawn();
  }

  /**
   * @param {number} i
   * @param {boolean} listen
   */
  choose(i, listen) {
    if (!this.dance) return;
    this.chosen = i;
    this.sound.src = this.dance.sounds[i].src;
    for (const [at, button] of [...this.sounds.children].entries()) {
      button.setAttribute("aria-pressed", String(at === i));
    }
    if (listen) this.listen();
    this.say();
  }

  toggle() {
    if (this.sound.paused) this.listen();
    else this.sound.pause();
    this.say();
  }

  /** A browser may refuse to play: the button then offers it again. */
  async listen() {
    const plays = await this.io.browser.playMedia(this.sound);
    if (!plays && this.sound.error) this.sound.pause();
    this.say();
  }

  say() {
    this.play.textContent = this.io.say(this.sound.paused ? "listen" : "mute");
    this.io.box.frame.dataset.sounding = String(!this.sound.paused);
  }

  turnByHand() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) =>
      this.io.browser.grabPointer(canvas, event),
    );
    canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      if (event.buttons) this.turn += event.movementX / 100;
    });
    canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const way = /** @type {Record<string, number>} */ ({ ArrowLeft: -0.15, ArrowRight: 0.15 })[event.key];
      if (!way) return;
      this.turn += way;
      event.preventDefault();
    });
  }

  frame() {
    if (!this.io.signal.aborted) {
      const isOutOfSight = getComputedStyle(this.io.box.frame).visibility === "hidden" || !this.canvas.offsetParent;
      if (isOutOfSight && !this.sound.paused) this.toggle(); // closed, or another tab is in front
      this.draw();
      setTimeout(() => requestAnimationFrame(() => this.frame()), 30);
    }
  }

  /** Frames since the clip's beginning: of the sound, if it is heard. */
  time() {
    const { dance, sound } = this;
    if (!dance) return 0;
    const count = dance.dancers[0].joints.length;
    const seconds = sound.paused ? (performance.now() - this.began) / 1000 : sound.currentTime;
    return (((seconds * dance.fps - 0.5) % count) + count) % count;
  }

  draw() {
    const { canvas, dance } = this;
    const paper = dance && !document.hidden && this.io.draw.fresh(canvas);
    if (!paper) return;
    const { pen, width, height } = paper;
    const time = this.time();
    const wide = width / dance.dancers.length;
    for (const [i, dancer] of dance.dancers.entries()) {
      const room = { left: i * wide, width: wide, height: height - 34 };
      this.drawDancer(pen, dancer.joints, time, room);
      pen.fillStyle = this.io.draw.colour("ink");
      pen.font = "12px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.fillText(dancer.title, room.left + wide / 2, height - 19, wide - 8);
      pen.fillText(dancer.about, room.left + wide / 2, height - 4, wide - 8);
    }
    canvas.dataset.frame = time.toFixed(1);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number[][][]} joints
   * @param {number} time
   * @param {{left: number, width: number, height: number}} room
   */
  drawDancer(pen, joints, time, room) {
    const points = project(joints, time, this.turn, room);
    const { bones, left, right, head } = /** @type {Dance} */ (this.dance);
    pen.lineCap = "round";
    for (const [from, to] of bones) {
      const depth = (points[from][2] + points[to][2]) / 2;
      pen.strokeStyle = this.io.draw.colour(left.includes(to) ? "standard" : right.includes(to) ? "notes" : "ink");
      pen.lineWidth = Math.max(2, 0.046 * metre(room) * (1 + 0.4 * depth));
      pen.beginPath();
      pen.moveTo(points[from][0], points[from][1]);
      pen.lineTo(points[to][0], points[to][1]);
      pen.stroke();
    }
    pen.fillStyle = this.io.draw.colour("ink");
    pen.beginPath();
    pen.arc(points[head][0], points[head][1], 0.105 * metre(room), 0, 2 * Math.PI);
    pen.fill();
  }
}
