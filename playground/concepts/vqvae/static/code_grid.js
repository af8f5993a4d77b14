// The arithmetic of a grid of codes: which cell is pointed at, where a key leads, swaps as text.

/**
 * @param {{offsetX: number, offsetY: number}} event
 * @param {{offsetWidth: number, offsetHeight: number}} canvas
 * @param {number} across
 * @param {number} down
 * @returns {number} row by row
 */
export function cellAt({ offsetX, offsetY }, { offsetWidth, offsetHeight }, across, down) {
  const column = Math.floor((offsetX / offsetWidth) * across);
  const row = Math.floor((offsetY / offsetHeight) * down);
  return clamp(row, down) * across + clamp(column, across);
}

/**
 * @param {number} value
 * @param {number} count
 */
const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);

/**
 * @param {string} key
 * @param {number} at
 * @param {number} across
 * @param {number} count
 * @returns {number | null} where an arrow key leads; null for other keys and at the rim
 */
export function moved(key, at, across, count) {
  const step = /** @type {Record<string, number>} */ ({
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -across,
    ArrowDown: across,
  })[key];
  const next = at + step;
  return next >= 0 && next < count ? next : null; // a comparison with NaN is false
}

/**
 * @param {string} edits "24:17 25:3"
 * @returns {Map<number, number>} place → code
 */
export function written(edits) {
  const pairs = edits.split(" ").filter(Boolean);
  return new Map(pairs.map((pair) => /** @type {[number, number]} */ (pair.split(":").map(Number))));
}

/**
 * @param {string} edits
 * @param {number} place
 * @param {number} code −1 changes nothing
 */
export function edited(edits, place, code) {
  if (code < 0) return edits;
  const all = written(edits).set(place, code);
  return [...all].map(([at, one]) => `${at}:${one}`).join(" ");
}

/**
 * Answers come late: one to an older question must not undo what was chosen since.
 * @param {string[]} asked questions that wait for their answers, the newest last
 * @param {string} question that is answered
 * @returns {{isOld: boolean, asked: string[]}} whether a newer one waits, and those that wait still
 */
export function answered(asked, question) {
  const at = asked.indexOf(question);
  const left = at < 0 ? [] : asked.slice(at + 1); // it was asked elsewhere, by a click in a picture say
  return { isOld: left.length > 0, asked: left };
}

/**
 * @param {string} colour "#rrggbb"
 * @returns {string} black or white, whichever stands out more from it (WCAG)
 */
export function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => (Number.parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000" : "#fff";
}
