// Which challenges a visitor has solved, over runs and visits: kept in the browser, nowhere else.
import { local } from "./browser.js";
import { onState } from "./tab_state.js";

/** @import {ChallengeAbout} from "./protocol.d.ts" */

const KEY = "playground-solved";

/** @returns {Record<string, string[]>} tab → names of challenges, or their titles, which were stored before they had names */
const kept = () => local.json(KEY, {});

/**
 * @param {ChallengeAbout[]} challenges that there are
 * @param {string[]} stored
 * @returns {string[]} names of those that are stored under their name or a title
 */
const namesOf = (challenges, stored) =>
  challenges
    .filter(({ name, title, formerly }) => [name, title, ...formerly].some((one) => stored.includes(one)))
    .map(({ name }) => name);

/**
 * @param {string} slug
 * @param {ChallengeAbout[]} challenges that there are
 * @returns {string[]} names of those that were ever solved here
 */
export const solvedEver = (slug, challenges) => namesOf(challenges, kept()[slug] ?? []);

/**
 * @param {string} slug
 * @param {string[]} solved names
 * @returns {string[]} these and all that is stored
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
 * @param {ChallengeAbout[]} challenges that there are
 * @param {(fresh: string[], ever: string[]) => void} listener called with the names of those that a run has just solved, and
 *   of all
 */
export function onSolved(slug, challenges, listener) {
  let run = -1;
  /** @type {string[]} */
  let before = [];
  /** @type {string[]} */
  let ever = [];
  onState(slug, (state) => {
    const news = state.solved.filter((name) => !before.includes(name));
    const fresh = state.run === run ? news : [];
    // The storage is read when there is something new, not with every message of a run.
    if (run < 0 || news.length) ever = keep(slug, state.solved);
    run = state.run;
    before = state.solved;
    listener(fresh, namesOf(challenges, ever));
  });
}
