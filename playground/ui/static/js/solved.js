// Which challenges a visitor has solved, over runs and visits: kept in the browser, nowhere else.
import { local } from "./browser.js";
import { onState } from "./tab_state.js";

const KEY = "playground-solved";

/** @returns {Record<string, string[]>} tab → titles */
const kept = () => local.json(KEY, {});

/**
 * @param {string} slug
 * @param {string[]} titles of the challenges that there are
 * @returns {string[]} those that were ever solved here
 */
export const solvedEver = (slug, titles) => titles.filter((title) => kept()[slug]?.includes(title));

/**
 * @param {string} slug
 * @param {string[]} solved
 * @returns {string[]} these and all that were solved before
 */
function keep(slug, solved) {
  const all = kept();
  const before = all[slug] ?? [];
  const ever = [...new Set([...before, ...solved])];
  if (ever.length > before.length) local.set(KEY, JSON.stringify({ ...all, [slug]: ever }));
  return ever;
}

/**
 * @param {string} slug
 * @param {string[]} titles of the challenges that there are
 * @param {(fresh: string[], ever: string[]) => void} listener called with those that a run has just solved, and all
 */
export function onSolved(slug, titles, listener) {
  let run = -1;
  /** @type {string[]} */
  let before = [];
  /** @type {string[]} */
  let ever = [];
  onState(slug, (state) => {
    const news = state.solved.filter((title) => !before.includes(title));
    const fresh = state.run === run ? news : [];
    // The storage is read when there is something new, not with every message of a run.
    if (run < 0 || news.length) ever = keep(slug, state.solved);
    run = state.run;
    before = state.solved;
    listener(
      fresh,
      titles.filter((title) => ever.includes(title)),
    );
  });
}
