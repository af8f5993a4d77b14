// What the server wrote into the page's head: the catalogue of sentences, the tabs, and where its files are.

const element = globalThis.document?.getElementById("page-data");

/** @type {import("./protocol.d.ts").PageData} */
export const { sentences, tabs } = JSON.parse(element?.textContent || '{"sentences":{},"tabs":[]}');

/**
 * @param {string} path of a served file
 * @returns {string} its address, relative to the page
 */
export const fileAt = (path) => `${element?.dataset.root}/${path}`;

const LONGEST_REST = 2000; // milliseconds between two tries

/**
 * @param {string} path of a JSON file
 * @param {number} rest milliseconds before it is asked for again, when the server cannot be reached
 * @returns {Promise<any>} rejected when the server has no such file, as after an update
 */
export async function fetchJSON(path, rest = 250) {
  let status = 0;
  try {
    const response = await fetch(new URL(fileAt(path), document.baseURI));
    if (response.ok) return await response.json();
    status = response.status;
  } catch {
    // no connection, or one that ended on the way
  }
  if (status >= 400 && status < 500) throw new Error(`${path} cannot be loaded: ${status}`);
  await new Promise((resolve) => setTimeout(resolve, rest));
  return fetchJSON(path, Math.min(2 * rest, LONGEST_REST));
}
