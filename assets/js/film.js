// A film that loops, with its actors' numbers on it and their V and advantage under it; after picture.js.
const screen = element.querySelector(".screen"), lines = element.querySelector(".lines");
const play = element.querySelector(".play"), speed = element.querySelector("select"), words = element.querySelector(".film-words");
let film = null, next = null, video = null, huds = [], wanted = !matchMedia("(prefers-reduced-motion: reduce)").matches;

const ink = () => (dark() ? { line: "#333c4a", text: "#d5d9e0", soft: "#a3adbb" } : { line: "#dfe4ec", text: "#334155", soft: "#5b6676" });
const steps = () => Math.max(1, ...film.scenes.map((scene) => scene.value.length));
const now = () => (video ? Math.min(Math.round(video.currentTime * film.rate), steps() - 1) : 0);
const fixed = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2));
const training = () => {
  const status = (element.closest(".tab-concept") || document).querySelector(".status");
  return Boolean(status && status.dataset.state === "training");
};

function blobOf(url) {
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (c) => c.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
}

// The new film replaces the old one when it can be shown, so that the screen is never blank.
function load(wish) {
  const fresh = document.createElement("video");
  const address = blobOf(wish.film.src);
  Object.assign(fresh, { muted: true, playsInline: true, src: address, playbackRate: Number(speed.value) });
  fresh.setAttribute("aria-hidden", "true");
  fresh.addEventListener("loadeddata", () => {
    if (next !== wish) { URL.revokeObjectURL(address); return; }
    if (video) { video.pause(); URL.revokeObjectURL(video.src); }
    next = null;
    film = { ...wish.film, ready: Boolean(wish.layout.meta && wish.layout.meta.ready_made), number: (film ? film.number : 0) + 1 };
    video = fresh;
    stage();
    frame.classList.add("drawn");
    frame.dataset.films = String(Number(frame.dataset.films || 0) + 1);
    if (wanted) video.play().catch(() => {});
    tell();
    follow(fresh);
  }, { once: true });
  if (!fresh.requestVideoFrameCallback) fresh.addEventListener("timeupdate", tell);
  fresh.addEventListener("error", () => { words.textContent = "This browser can't play MP4 films (H.264)."; frame.classList.add("drawn"); });
  fresh.addEventListener("ended", () => { if (next) load(next); else if (wanted) { fresh.currentTime = 0; fresh.play().catch(() => {}); } });
}

// One strip of numbers per actor, over its part of the screen.
function stage() {
  screen.replaceChildren(video);
  huds = film.scenes.map((scene, index) => {
    const hud = document.createElement("div");
    hud.className = "hud";
    Object.assign(hud.style, { top: (100 * index) / film.scenes.length + "%", height: 100 / film.scenes.length + "%" });
    hud.innerHTML =
      `<span class="who"><i style="background:${scene.colour}"></i>${scene.title}</span>` +
      `<span class="acts">${film.actions.map((name) => `<span class="act"><b>${name}</b><meter max="1"></meter><em></em></span>`).join("")}</span>` +
      '<span class="judged"></span>';
    screen.append(hud);
    return { scene, who: hud.querySelector(".who"), judged: hud.querySelector(".judged"), acts: [...hud.querySelectorAll(".act")] };
  });
}

// With every frame that is shown, the numbers that belong to it.
function follow(playing) {
  if (video !== playing || !playing.requestVideoFrameCallback) return;
  playing.requestVideoFrameCallback(() => { if (video === playing && frame.offsetWidth) tell(); follow(playing); });
}

function say(box, text) {
  if (box.textContent !== text) box.textContent = text;
}

function tell() {
  if (!film) return;
  const at = now();
  for (const { scene, acts, judged } of huds) {
    const i = Math.min(at, scene.value.length - 1), over = at >= scene.value.length - 1;
    acts.forEach((act, j) => {
      const share = scene.policy[i][j];
      act.querySelector("meter").value = share;
      say(act.querySelector("em"), Math.round(100 * share) + " %");
      act.classList.toggle("taken", scene.action[i] === j);
    });
    say(judged, over ? scene.end : `V ${fixed(scene.value[i])}   A ${scene.advantage[i] < 0 ? "−" : "+"}${fixed(Math.abs(scene.advantage[i]))}`);
  }
  say(words, `${film.caption} · step ${at + 1} of ${steps()}`);
  lines.setAttribute("aria-valuemax", steps());
  lines.setAttribute("aria-valuenow", at + 1);
  lines.setAttribute("aria-valuetext", words.textContent);
  frame.dataset.step = at + 1;
  paint(at);
}

// V above, the advantage below; drawn once a film, with a line on top for where it is.
const chart = document.createElement("canvas");
let charted = "";
const LEFT = 34, RIGHT = 6;
const across = (step, width) => LEFT + ((width - LEFT - RIGHT) * step) / Math.max(1, steps() - 1);

function paint(at) {
  const { width, height } = lines.getBoundingClientRect();
  if (!width || !height) return;
  const ratio = window.devicePixelRatio || 1, size = [Math.round(width * ratio), Math.round(height * ratio)];
  const key = [film.number, ...size, dark()].join();
  if (key !== charted) {
    charted = key;
    for (const canvas of [chart, lines]) [canvas.width, canvas.height] = size;
    const pen = chart.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawLines(pen, width, height);
  }
  const pen = lines.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, ...size);
  pen.drawImage(chart, 0, 0);
  pen.fillStyle = ink().text;
  pen.fillRect(Math.round(across(at, width) * ratio), 4 * ratio, ratio, (height - 8) * ratio);
}

function drawLines(pen, width, height) {
  const half = height * 0.56, colours = ink();
  const x = (step) => across(step, width);
  const flat = (name) => film.scenes.flatMap((scene) => scene[name]);
  // A nearly flat line is shown as such: at least a tenth of its height is the range.
  const span = (values) => {
    const low = Math.min(...values), high = Math.max(...values), wide = Math.max(0.1 * Math.max(Math.abs(low), Math.abs(high)), 1e-3);
    return high - low < wide ? [(low + high - wide) / 2, (low + high + wide) / 2] : [low, high];
  };
  const value = span(flat("value")), advantage = span([0, ...flat("advantage")]);
  if (film.bound > 0 && value[1] > 0.8 * film.bound) {
    [value[0], value[1]] = [Math.min(value[0], 0.99 * film.bound), Math.max(value[1], 1.01 * film.bound)];
  }
  const scale = ([low, high], top, bottom) => (v) => bottom - ((bottom - top) * (v - low)) / (high - low);
  const panels = [
    { name: "value", title: "V(s)", range: value, y: scale(value, 16, half - 6) },
    { name: "advantage", title: "advantage", range: advantage, y: scale(advantage, half + 16, height - 6) },
  ];
  pen.font = "11px system-ui, sans-serif";
  for (const { name, title, range, y } of panels) {
    const zero = y(Math.min(Math.max(0, range[0]), range[1]));
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.beginPath(); pen.moveTo(LEFT, zero); pen.lineTo(width - RIGHT, zero); pen.stroke();
    pen.fillStyle = colours.soft;
    pen.textAlign = "right";
    for (const tick of range) pen.fillText(fixed(tick), LEFT - 4, y(tick) + 4);
    pen.textAlign = "left";
    pen.fillText(title, LEFT, y(range[1]) - 5);
    for (const scene of film.scenes) {
      pen.strokeStyle = scene.colour;
      pen.lineWidth = 1.6;
      pen.beginPath();
      scene[name].forEach((v, step) => (step ? pen.lineTo(x(step), y(v)) : pen.moveTo(x(step), y(v))));
      pen.stroke();
    }
  }
  if (film.bound > 0 && value[1] >= film.bound) {
    const y = panels[0].y(film.bound);
    pen.strokeStyle = pen.fillStyle = "#e76300";
    pen.setLineDash([3, 3]);
    pen.beginPath(); pen.moveTo(LEFT, y); pen.lineTo(width - RIGHT, y); pen.stroke();
    pen.textAlign = "right";
    pen.fillText("greatest possible V", width - RIGHT, y - 4);
  }
}

function seek(step) {
  if (!video) return;
  video.currentTime = Math.max(0, Math.min(step, steps() - 1)) / film.rate;
  tell();
}
const drag = (event) => {
  const box = lines.getBoundingClientRect();
  seek(((event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)) * (steps() - 1));
};
lines.addEventListener("pointerdown", (event) => { lines.setPointerCapture(event.pointerId); drag(event); });
lines.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
lines.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1, PageDown: -25, PageUp: 25, Home: -1e9, End: 1e9 }[event.key];
  if (by) { event.preventDefault(); hold(true); seek(now() + by); }
});

function hold(still) {
  wanted = !still;
  play.textContent = still ? "▶" : "❚❚";
  play.setAttribute("aria-label", still ? "Play the film" : "Pause the film");
  if (!video) return;
  if (still) video.pause();
  else { if (video.ended) video.currentTime = 0; video.play().catch(() => {}); }
}
play.addEventListener("click", () => hold(wanted));
speed.addEventListener("change", () => { if (video) video.playbackRate = Number(speed.value); });
if (!wanted) hold(true);

// While it trains a film that is under way plays to its end first; a paused run shows its newest at once.
receive((picture) => {
  next = picture;
  const stale = !video || film.ready || video.ended || steps() < 60;
  if (stale || !training() || !wanted) load(next);
});
window.playground.subscribe(`${frame.dataset.concept}/part/status`, () => { if (next && video && !training()) load(next); });
new ResizeObserver(() => { frame.classList.toggle("narrow", frame.offsetWidth < 480); tell(); }).observe(lines);
new MutationObserver(tell).observe(document.body, { attributes: true, attributeFilter: ["class"] });
