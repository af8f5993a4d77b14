// The order of things in one step in slow motion: which phase is due, and which of its arrows the batch is on.

/** @typedef {string | [string, string]} Lit a part's name, or the start and end of an arrow */

/**
 * How many arrows of the phase the batch has to pass before each one. Forward they are listed in their order (an agent's
 * loop has no other beginning); gradients begin where no arrow of the phase goes on.
 * @param {[string, string][]} arrows
 * @param {boolean} backward
 * @returns {number[]}
 */
export function waves(arrows, backward) {
  /** @type {Map<number, number>} */
  const known = new Map();
  /** @type {(i: number) => number} */
  const wave = (i) => {
    const old = known.get(i);
    if (old !== undefined) return old;
    known.set(i, 0);
    const [start, end] = arrows[i];
    const before = arrows
      .map((_, j) => j)
      .filter((j) => (backward ? arrows[j][0] === end : j < i && arrows[j][1] === start));
    const found = before.length ? 1 + Math.max(...before.map(wave)) : 0;
    known.set(i, found);
    return found;
  };
  return arrows.map((_, i) => wave(i));
}

/**
 * Phases in which the batch passes several arrows, one after the other, last longer.
 * @param {number[]} lengths of the phases, in waves
 * @returns {number[]} share of the step at which each phase ends
 */
export function ends(lengths) {
  const weights = lengths.map((length) => 1 + 0.5 * Math.max(0, length - 1));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum / whole;
  });
}

/**
 * @param {number[]} until share of the step at which each phase ends
 * @param {number} share of the step that has gone by
 * @returns {{phase: number, within: number}} which phase, -1 once all are over, and what share of it has gone by
 */
export function phaseAt(until, share) {
  const phase = share >= 1 ? -1 : until.findIndex((end) => share < end);
  if (phase < 0) return { phase: -1, within: 0 };
  const from = phase ? until[phase - 1] : 0;
  return { phase, within: Math.max(0, (share - from) / (until[phase] - from)) };
}

/**
 * @param {number} within share of the phase that has gone by
 * @param {number} wave of the arrow
 * @param {number} count of the phase's waves
 * @returns {number | null} share of the arrow that has been passed; null: it is not its turn
 */
export function passed(within, wave, count) {
  const share = within * count - wave;
  return share >= 0 && share < 1 ? share : null;
}
