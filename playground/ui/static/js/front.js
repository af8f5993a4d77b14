// Which of the page's tabs is in front, in step with the address bar and the browser's history.
import { publish } from "./bus.js";
import { tabs } from "./page_data.js";

const TOKEN = "playground-token";
const ADDRESS = "playground-address";

/** @type {Map<string, string>} tab → the query string that leads to it as it stands */
const addresses = new Map();

/** @param {string} query */
const slugIn = (query) => new URLSearchParams(query).get("tab") ?? "";

/** @param {string} slug */
const isTab = (slug) => tabs.some((tab) => tab.slug === slug);

/** @type {{slug: string, token: string, query: string}} */
const state = { slug: "", token: "", query: "" };

/** Reads the address: called once, when the page is built. */
export function arrive() {
  state.query = window.location.search;
  // Only a reload finds its old run again. A link leads to a run of its own, even when it is followed in the same window.
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  const isReload = navigation?.type === "reload" && sessionStorage.getItem(ADDRESS) === state.query;
  state.token = isReload ? (sessionStorage.getItem(TOKEN) ?? "") : "";
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
 * What a tab tells the server when it is first shown: who the page is, and what its link asks for.
 * @param {string} slug
 */
export function greeting(slug) {
  const asked = slugIn(state.query);
  const isForIt = asked === slug || (asked && !isTab(asked));
  const query = isForIt ? state.query : "";
  if (isForIt) state.query = "";
  return { token: state.token, query };
}

/** @param {string} token by which the server knows this page */
export function setToken(token) {
  state.token = token;
  sessionStorage.setItem(TOKEN, token);
}

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
  history.pushState(null, "", addressOf(slug));
  sessionStorage.setItem(ADDRESS, addressOf(slug));
  show(slug);
}

/** @param {string} slug */
function show(slug) {
  state.slug = slug;
  publish("front", slug);
}

/** @param {string} slug */
const addressOf = (slug) => addresses.get(slug) ?? `?tab=${slug}`;

/** @param {string} query */
function keep(query) {
  history.replaceState(null, "", query);
  sessionStorage.setItem(ADDRESS, query);
}
