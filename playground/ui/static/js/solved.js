// Which challenges a visitor has solved, over runs and visits: kept in the browser, nowhere else.
import { onState } from "./tab_state.js";

const KEY = "playground-solved";

/** @returns {Record<string, string[]>} tab → titles */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {}; // a browser that keeps nothing, or something else under that name
  }
}

/**
 * @param {string} slug
 * @param {string[]} titles of the challenges that there are
 * @returns {string[]} those that were ever solved here
 */
export const solvedEver = (slug, titles) => titles.filter((title) => kept()[slug]?.includes(title));

/**
 * @param {string} slug
 * @param {string[]} titles of the challenges that there are
 * @param {(fresh: string[], ever: string[]) => void} listener called with those that a run has just solved, and all
 */
export function onSolved(slug, titles, listener) {
  let run = -1;
  /** @type {string[]} */
  let before = [];
  onState(slug, (state) => {
    const fresh = state.run === run ? state.solved.filter((title) => !before.includes(title)) : [];
    run = state.run;
    before = state.solved;
    const all = { ...kept() };
    const ever = [...new Set([...(all[slug] ?? []), ...state.solved])];
    if (ever.length !== (all[slug] ?? []).length) {
      try {
        localStorage.setItem(KEY, JSON.stringify({ ...all, [slug]: ever }));
      } catch {
        // it then counts for this visit only
      }
    }
    listener(
      fresh,
      titles.filter((title) => ever.includes(title)),
    );
  });
}
