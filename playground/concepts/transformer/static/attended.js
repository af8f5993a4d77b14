// What a text's lines and words say, worked out of a figure: pure functions.

/**
 * @typedef {object} Reading as `reading.py` makes it
 * @property {string} text that the model reads
 * @property {string} answer
 * @property {boolean} own whether the visitor typed the text
 * @property {string[]} inputs
 * @property {string[]} outputs
 * @property {(string | null)[]} targets of each output: "" after the end, null where it is not settled
 * @property {string[]} marks of each output: right, wrong or "" where there is no target
 * @property {number[]} sure probability of each output
 * @property {[number, number][]} words first input, and one past the last, of what is named together
 * @property {boolean} isFed whether outputs attend to earlier ones, which the model is given again
 * @property {number} layers
 * @property {number} heads
 * @property {[number, number]} sharpest layer and head, from 0
 * @property {string} weights base64 of (layers, heads, outputs, keys) bytes; the keys are inputs, then earlier outputs
 */

/**
 * @typedef {object} Place a character of the text or of the answer
 * @property {"input" | "output"} row
 * @property {number} index
 */

/**
 * @typedef {object} Line
 * @property {number} output
 * @property {number} key
 * @property {number} weight
 */

/**
 * @typedef {object} Row
 * @property {number} pitch pixels from one character to the next
 * @property {number} font size
 * @property {(i: number) => number} x middle of a character
 */

export const LEAST = 0.03; // a line for less would be invisible
const NAMED = 3; // shares that are said in words

/**
 * Of every output to every key, one head's weights, or the mean of the last layer's heads.
 * @param {Reading} reading
 * @param {[number, number] | null} head layer and head
 * @returns {number[][]} (outputs, keys)
 */
export function weightsOf({ weights, layers, heads, outputs }, head) {
  const bytes = Uint8Array.from(atob(weights), (character) => character.charCodeAt(0));
  const keys = bytes.length / (layers * heads * Math.max(1, outputs.length));
  const [layer, some] = head ? [head[0], [head[1]]] : [layers - 1, [...Array(heads).keys()]];
  const at = (/** @type {number} */ one, /** @type {number} */ output, /** @type {number} */ key) =>
    bytes[((layer * heads + one) * outputs.length + output) * keys + key];
  return outputs.map((_, output) =>
    Array.from(
      { length: keys },
      (_, key) => some.reduce((sum, one) => sum + at(one, output, key), 0) / some.length / 255,
    ),
  );
}

/**
 * Every line that can be seen, or those of one character.
 * @param {number[][]} weights
 * @param {Place | null} place
 * @returns {Line[]} faint ones first
 */
export function linesOf(weights, place) {
  const all = weights.flatMap((row, output) => row.map((weight, key) => ({ output, key, weight })));
  const isOf = (/** @type {Line} */ { output, key }) =>
    !place || (place.row === "output" ? output : key) === place.index;
  return all.filter((line) => line.weight >= LEAST && isOf(line)).sort((a, b) => a.weight - b.weight);
}

/**
 * How a line of a weight from 0 to 1 is drawn.
 * @param {number} weight
 */
export const stroke = (weight) => ({ width: 0.5 + 6 * weight, opacity: Math.min(1, 0.12 + 1.1 * weight) });

/**
 * What an output attended to, words of the text taken together: the largest shares first.
 * @param {Reading} reading
 * @param {number[]} row weights of the output
 * @returns {{name: string, share: number}[]} in per cent
 */
export function sharesOf({ words, inputs, outputs }, row) {
  const named = words.map(([from, to]) => ({
    name: inputs.slice(from, to).join(""),
    share: row.slice(from, to).reduce((sum, weight) => sum + weight, 0),
  }));
  const fed = row.slice(inputs.length).map((share, i) => ({ name: outputs[i], share }));
  return largest([...named, ...fed]);
}

/**
 * Which outputs attended to an input.
 * @param {Reading} reading
 * @param {number[][]} weights
 * @param {number} key
 */
export const askersOf = ({ outputs }, weights, key) =>
  largest(outputs.map((name, output) => ({ name, share: weights[output][key] })));

/** @param {{name: string, share: number}[]} shares from 0 to 1 */
function largest(shares) {
  const seen = shares.filter(({ share }) => share >= LEAST).sort((a, b) => b.share - a.share);
  return seen.slice(0, NAMED).map(({ name, share }) => ({ name, share: Math.round(100 * share) }));
}

/**
 * Where the characters stand.
 * @param {number} width of the stage in pixels
 * @param {number} height
 * @param {Pick<Reading, "inputs" | "outputs" | "isFed">} reading
 */
export function laidOut(width, height, { inputs, outputs, isFed }) {
  const [input, output] = [rowOf(inputs.length, width), rowOf(outputs.length, width)];
  const inputBottom = 20 + 1.35 * input.font;
  const outputBottom = height - (isFed ? 62 : 34);
  const outputTop = outputBottom - 1.35 * output.font;
  return { width, height, input, output, inputTop: 20, inputBottom, outputTop, outputBottom, linesTo: outputTop - 18 };
}

/**
 * @param {number} count of characters, in the middle of the width
 * @param {number} width
 * @returns {Row}
 */
function rowOf(count, width) {
  const pitch = Math.min(34, (width - 8) / Math.max(1, count));
  const left = (width - pitch * count) / 2;
  return { pitch, font: Math.max(12, Math.min(28, pitch * 1.05)), x: (i) => left + (i + 0.5) * pitch };
}

/**
 * The path of a line: from an output up to an input, or in an arc below to an earlier output.
 * @param {ReturnType<typeof laidOut>} layout
 * @param {Line} line
 * @param {number} inputs
 */
export function pathOf({ input, output, inputBottom, outputBottom, linesTo }, { output: from, key }, inputs) {
  const x = output.x(from);
  if (key < inputs) {
    const middle = (inputBottom + linesTo) / 2;
    return `M${x} ${linesTo} C${x} ${middle} ${input.x(key)} ${middle} ${input.x(key)} ${inputBottom}`;
  }
  const [to, y] = [output.x(key - inputs), outputBottom + 9];
  const depth = y + Math.min(34, 8 + Math.abs(x - to) / 4);
  return `M${x} ${y} C${x} ${depth} ${to} ${depth} ${to} ${y}`;
}

/**
 * The character that a key leads to.
 * @param {string} key
 * @param {Place | null} place
 * @param {{input: number, output: number}} counts
 * @returns {Place | null} null where it leads nowhere
 */
export function stepped(key, place, counts) {
  const [end, other] = [{ ArrowUp: "input", ArrowDown: "output" }[key], { ArrowLeft: -1, ArrowRight: 1 }[key]];
  if (!end && !other) return null;
  if (!place) return counts.output ? { row: "output", index: 0 } : null;
  const row = /** @type {Place["row"]} */ (end ?? place.row);
  // Between the rows to the same share of the width.
  const index =
    end && end !== place.row
      ? Math.floor(((place.index + 0.5) / counts[place.row]) * counts[row])
      : place.index + (other ?? 0);
  return index >= 0 && index < counts[row] ? { row, index } : null;
}
