// A distribution that the visitor draws: which cells of a square have ink, as a short text for the address.

export const CELLS = 24; // in a row, and in a column

/**
 * @param {Set<number>} cells row · CELLS + column, the top row first
 * @returns {string} a hexadecimal digit for every four cells
 */
export function bitmapText(cells) {
  let text = "";
  for (let first = 0; first < CELLS * CELLS; first += 4) {
    const bits = [0, 1, 2, 3].map((i) => (cells.has(first + i) ? 8 >> i : 0));
    text += bits.reduce((sum, bit) => sum + bit, 0).toString(16);
  }
  return text;
}

/**
 * @param {number[]} from (x, y) in the plane
 * @param {number[]} to
 * @param {number} reach the square is −reach to reach
 * @returns {number[]} the cells that a stroke from one place to the other goes through
 */
export function cellsOf(from, to, reach) {
  const count = 1 + Math.ceil((Math.hypot(to[0] - from[0], to[1] - from[1]) / (2 * reach)) * CELLS * 2);
  const inside = (/** @type {number} */ share) => Math.min(CELLS - 1, Math.max(0, Math.floor(share * CELLS)));
  return Array.from({ length: count + 1 }, (_, i) => {
    const [x, y] = [0, 1].map((axis) => from[axis] + (i / count) * (to[axis] - from[axis]));
    return inside((reach - y) / (2 * reach)) * CELLS + inside((x + reach) / (2 * reach));
  });
}
