// A page comes: the server is told which page it was before a reload, and what its address asks for.
import { publish } from "./bus.js";

const TOKEN = "playground-token";

/** @returns {[string, string]} (the page's token, the address's query) */
export function arrive() {
  return [sessionStorage.getItem(TOKEN) ?? "", window.location.search];
}

/** @param {string} token the server knows this page by */
export function settle(token) {
  sessionStorage.setItem(TOKEN, token);
  publish("settled", true);
}
