// What the server wrote into the page's head: the catalogue of sentences, and where its files are.

/**
 * @typedef {object} PageData
 * @property {string} root first part of the addresses of all files
 * @property {Record<string, string>} sentences
 */

/** @type {PageData} */
export const pageData = JSON.parse(
  globalThis.document?.getElementById("page-data")?.textContent || '{"root":"","sentences":{}}',
);

/**
 * @param {string} path of a served file
 * @returns {string} its address, relative to the page
 */
export const fileAt = (path) => `${pageData.root}/${path}`;

/**
 * @param {string} path of a JSON file
 * @returns {Promise<any>}
 */
export async function fetchJSON(path) {
  const response = await fetch(new URL(fileAt(path), document.baseURI));
  return response.json();
}
