// The axis in nats, on which the ELBO stands below log p(x), and the bars that add up to the ELBO. Pure.

const TOP = 34; // the pixel at which log p(x) stands, whatever the ELBO is
const BOTTOM = 20; // pixels under the lowest place
const LEAST = 0.2; // nats that the axis shows at least

/**
 * @param {number} size
 * @param {number} least
 * @returns {number} the least of …, 1, 2, 5, 10, 20, … that is not smaller than either
 */
export function roundedUp(size, least) {
  const wanted = Math.max(size, least);
  const unit = 10 ** Math.floor(Math.log10(wanted) + 1e-9);
  return unit * ([1, 2, 5].find((one) => one * unit >= wanted * (1 - 1e-9)) ?? 10);
}

/**
 * @param {number} value
 * @returns {string} with a minus sign, and as many digits as one can use
 */
export function written(value) {
  if (!Number.isFinite(value)) return "∞";
  const size = Math.abs(value);
  const digits = size < 0.1 ? 4 : size < 10 ? 3 : size < 1000 ? 1 : 0;
  const text = size.toFixed(digits);
  return value < 0 && Number(text) ? `−${text}` : text;
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} count about so many
 * @returns {number[]} round numbers from low to high
 */
export function ticksOf(low, high, count) {
  const step = roundedUp((high - low) / count, 1e-9);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(10)));
}

/**
 * @param {number} evidence log p(x)
 * @param {number[]} elbos
 * @param {number} height in pixels
 * @returns {{evidence: number, elbos: number[], ticks: {at: number, value: number}[], span: number}} pixels from above
 */
export function boundAxis(evidence, elbos, height) {
  const gap = Math.max(...elbos.filter(Number.isFinite).map((elbo) => evidence - elbo), 0);
  const span = roundedUp(1.1 * gap, LEAST);
  const pixels = Math.max(1, height - TOP - BOTTOM) / span;
  const at = (/** @type {number} */ value) => TOP + Math.min(span, evidence - value) * pixels;
  const ticks = ticksOf(evidence - span, evidence, 4).map((value) => ({ at: at(value), value }));
  return { evidence: TOP, elbos: elbos.map((elbo) => (Number.isFinite(elbo) ? at(elbo) : at(evidence - span))), ticks, span }; // biome-ignore format: short
}

/**
 * @param {{reconstruction: number, klToPrior: number, elbo: number}} terms
 * @param {number} width in pixels
 * @returns {{zero: number, bars: {from: number, to: number}[]}} the reconstruction from 0, −KL(q ‖ p(z)) from where it ends,
 *   and the ELBO from 0, which therefore ends where the second one does
 */
export function splitBars({ reconstruction, elbo }, width) {
  const lowest = -Math.min(0, reconstruction, elbo);
  const low = lowest ? -roundedUp(lowest, LEAST) : 0;
  const high = reconstruction > 0 ? roundedUp(reconstruction, -low / 20) : 0;
  const at = (/** @type {number} */ value) => ((value - low) / (high - low || 1)) * width;
  const bar = (/** @type {number} */ from, /** @type {number} */ to) => ({ from: at(from), to: at(to) });
  return { zero: at(0), bars: [bar(0, reconstruction), bar(reconstruction, elbo), bar(0, elbo)] };
}
