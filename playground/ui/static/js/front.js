// Which of the page's tabs is in front, in step with the address bar and the browser's history; and the token by which the
// server knows the page.
import { arrival, randomId, session, setQuery } from "./browser.js";
import { publish } from "./bus.js";
import { Claim } from "./claim.js";
import { tabs } from "./page_data.js";

const TOKEN = "playground-token";
const ADDRESS = "playground-address";

/** Random id of this loaded document: a reload has another one. */
export const documentId = randomId();

const claim = new Claim(documentId);

/** @type {Map<string, string>} tab → the query string that leads to it as it stands */
const addresses = new Map();

/** @param {string} query */
const slugIn = (query) => new URLSearchParams(query).get("tab") ?? "";

/** @param {string} slug */
const isTab = (slug) => tabs.some((tab) => tab.slug === slug);

/** @type {{slug: string, token: string, query: string, alone: Promise<boolean | null>}} */
const state = { slug: "", token: "", query: "", alone: Promise.resolve(true) };

/** Reads the address: called once, when the page is built. */
export function arrive() {
  state.query = window.location.search;
  // Only a reload, or Back and Forward, find the old run again, and only at its address. A link leads to a run of its own,
  // even when it is followed in the same window.
  const isReturn = ["reload", "back_forward"].includes(arrival()) && session.get(ADDRESS) === state.query;
  state.token = isReturn ? (session.get(TOKEN) ?? "") : "";
  state.alone = state.token ? claim.isAlone(state.token) : Promise.resolve(true);
  const asked = slugIn(state.query);
  state.slug = isTab(asked) ? asked : tabs[0].slug;
  publish("front", state.slug);
  window.addEventListener("popstate", () => {
    const slug = slugIn(window.location.search);
    show(isTab(slug) ? slug : tabs[0].slug);
    keep(addressOf(state.slug));
  });
}

/**
 * What a tab tells the server when it is first shown: what its link asks for, and whether the page's token is its own.
 * @param {string} slug
 * @returns {Promise<{query: string, alone: boolean | null}>}
 */
export async function greeting(slug) {
  const asked = slugIn(state.query);
  const isForIt = asked === slug || (asked && !isTab(asked));
  const query = isForIt ? state.query : "";
  if (isForIt) state.query = "";
  return { query, alone: await state.alone };
}

/** @returns {string} the token by which the server knows this page, "" before it has one */
export const token = () => state.token;

/** @param {string} fresh token by which the server knows this page */
export function setToken(fresh) {
  state.token = fresh;
  session.set(TOKEN, fresh);
  claim.hold(fresh);
}

/** The page is being left. */
export const leaveToken = () => claim.release();

/** @returns {Promise<boolean | null>} whether no other page has taken the token while this one was not shown */
export const returnToToken = () => claim.isAlone(state.token);

/**
 * @param {string} slug
 * @param {string} query that leads to the tab as it stands
 */
export function setAddress(slug, query) {
  addresses.set(slug, query);
  if (slug === state.slug) keep(query);
}

/** @param {string} slug of the tab that the visitor opens */
export function open(slug) {
  if (slug === state.slug) return;
  setQuery(addressOf(slug), true);
  session.set(ADDRESS, addressOf(slug));
  show(slug);
}

/** @param {string} slug */
function show(slug) {
  state.slug = slug;
  publish("front", slug);
}

/**
 * @param {string} slug
 * @returns {string} the query that leads to the tab as it stands
 */
export const addressOf = (slug) => addresses.get(slug) ?? `?tab=${slug}`;

/** @param {string} query */
function keep(query) {
  setQuery(query, false);
  session.set(ADDRESS, query);
}
