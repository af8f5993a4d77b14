// The challenges of a tab: ticked when a run has solved them, counted beside the transport, announced when it happens.
import { h, setText } from "./dom.js";
import { say } from "./sentences.js";
import { onSolved, solvedEver } from "./solved.js";

/**
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function challengeList({ slug, about }) {
  const rows = about.challenges.map(({ name, title, hint }) => {
    const tick = h("span", { class: "tick", role: "img" });
    const row = h("li", {}, tick, h("div", {}, h("b", {}, title), h("small", {}, hint)));
    return { name, row, tick };
  });
  /** @param {string[]} solved names */
  const show = (solved) => {
    for (const { name, row, tick } of rows) {
      const done = solved.includes(name);
      row.className = done ? "solved" : "open";
      tick.textContent = done ? "✔" : "○";
      tick.setAttribute("aria-label", say(done ? "solved_mark" : "open_mark"));
    }
  };
  show(solvedEver(slug, about.challenges));
  onSolved(slug, about.challenges, (_, ever) => show(ever));
  return h("ul", { class: "challenges" }, ...rows.map(({ row }) => row));
}

const ANNOUNCED = 8000; // milliseconds for which a solved challenge stands beside the transport

/**
 * How many are solved, as a button that leads to them; one that has just been solved is named.
 * @param {import("./tab.js").TabIO} io
 * @returns {HTMLElement}
 */
export function challengeCount({ slug, about, openBelow }) {
  const { challenges } = about;
  const count = h("b");
  const button = h(
    "button",
    { type: "button", class: "challenge-count", onclick: () => openBelow("presets") },
    "⚑ ",
    count,
  );
  const news = h("span", { class: "challenge-news", role: "status" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const show = (/** @type {string[]} */ ever) => {
    const values = { solved: ever.length, all: challenges.length };
    setText(count, `${values.solved}/${values.all}`);
    button.setAttribute("aria-label", say("challenge_count", values));
  };
  show(solvedEver(slug, challenges));
  onSolved(slug, challenges, (fresh, ever) => {
    show(ever);
    if (!fresh.length) return;
    const titles = challenges.filter(({ name }) => fresh.includes(name)).map(({ title }) => title);
    setText(news, say("challenge_news", { title: titles.join(", ") }));
    clearTimeout(timer);
    timer = setTimeout(() => setText(news, ""), ANNOUNCED);
  });
  return h("span", { class: "challenge-box", hidden: !challenges.length }, button, news);
}
