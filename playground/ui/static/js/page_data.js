// What the server wrote into the page's head: the catalogue of sentences, the tabs, and where its files are.

const element = globalThis.document?.getElementById("page-data");

/** @type {{sentences: Record<string, string>, tabs: {slug: string, title: string}[]}} */
export const { sentences, tabs } = JSON.parse(element?.textContent || '{"sentences":{},"tabs":[]}');

/**
 * @param {string} path of a served file
 * @returns {string} its address, relative to the page
 */
export const fileAt = (path) => `${element?.dataset.root}/${path}`;

/**
 * @param {string} path of a JSON file
 * @returns {Promise<any>}
 */
export async function fetchJSON(path) {
  const response = await fetch(new URL(fileAt(path), document.baseURI));
  return response.json();
}
