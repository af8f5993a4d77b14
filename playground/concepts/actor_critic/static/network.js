// The live model's nets in the browser, from its own weights; a test compares them with PyTorch's.

/** @typedef {{shape: [number, number], weight: string, bias: string}} Layer little-endian float32 as base64 */

/** @param {string} text */
const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

/**
 * Linear layers with tanh between them.
 * @param {Layer[]} layers
 * @returns {(input: number[]) => number[]}
 */
export function network(layers) {
  const made = layers.map(({ shape, weight, bias }) => ({ shape, weight: floats(weight), bias: floats(bias) }));
  return (input) =>
    made.reduce((x, { shape: [rows, columns], weight, bias }, depth) => {
      const out = Array.from(bias);
      for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[i] += weight[i * columns + j] * x[j];
      return depth < made.length - 1 ? out.map(Math.tanh) : out;
    }, Array.from(input));
}

/**
 * @param {number[]} logits
 * @returns {number[]} probabilities
 */
export function softmax(logits) {
  const top = Math.max(...logits);
  const raised = logits.map((logit) => Math.exp(logit - top));
  const sum = raised.reduce((a, b) => a + b);
  return raised.map((one) => one / sum);
}

/**
 * @param {number[]} policy probabilities
 * @param {boolean} sample draw, or take the most probable
 * @param {() => number} random uniform in [0, 1)
 * @returns {number} an action
 */
export function choose(policy, sample, random = Math.random) {
  if (!sample) return policy.indexOf(Math.max(...policy));
  let rest = random();
  for (let action = 0; action < policy.length; action++) {
    rest -= policy[action];
    if (rest < 0) return action;
  }
  return policy.length - 1;
}
