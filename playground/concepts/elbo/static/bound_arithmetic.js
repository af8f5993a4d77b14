// The model, q and the bound of models/elbo.py, in the browser: what is drawn under the hand. All numbers are in nats. Pure.

/**
 * @typedef {object} Model z ~ N(0, I), and x | z ~ N(f(z), s²) with f(z) = a z₁² + b z₁, and + z₂ where z has two numbers
 * @property {number} a
 * @property {number} b
 * @property {number} s
 * @property {number} size of z
 */

/**
 * @typedef {object} Q q(z) = Σ_k w_k N(z; m_k, Σ_k)
 * @property {number[][]} mean (parts, size)
 * @property {number[][]} sigma (parts, size)
 * @property {number[]} weight (parts)
 * @property {number | null} correlation null: none
 */

/** @typedef {{logEvidence: number, elbo: number, gap: number, reconstruction: number, klToPrior: number}} Terms */

/** As in exact.py: what is shown before a run. @type {Record<string, Model>} */
export const MODELS = {
  linear: { a: 0, b: 2, s: Math.SQRT1_2, size: 1 },
  modes: { a: 0.5, b: 0.15, s: 0.25, size: 1 },
  curved: { a: 1, b: 0, s: 0.3, size: 2 },
};

const LOG_ROOT = 0.5 * Math.log(2 * Math.PI);
const REACH = 10; // of the grid over z₁, on which log p(x) is integrated
const NODES = 4001;
const ENTROPY_REACH = 8; // standard deviations of each part of a mixture, over which its entropy is integrated
const ENTROPY_NODES = 1601;

/**
 * @param {number} x
 * @param {number} mean
 * @param {number} sigma
 */
export const logNormal = (x, mean, sigma) => -0.5 * ((x - mean) / sigma) ** 2 - Math.log(sigma) - LOG_ROOT;

/**
 * @param {Model} model
 * @param {number[]} z
 */
export const meanOf = ({ a, b, size }, z) => a * z[0] ** 2 + b * z[0] + (size > 1 ? z[1] : 0);

/**
 * @param {Model} model
 * @param {number} x
 * @param {number[]} z
 */
export const logLikelihood = (model, x, z) => logNormal(x, meanOf(model, z), model.s);

/** @param {number[]} z */
export const logPrior = (z) => z.reduce((sum, one) => sum + logNormal(one, 0, 1), 0);

/**
 * @param {Model} model
 * @param {number} x
 * @returns {number} log p(x): in closed form for a linear model; else an integral over z₁, from which z₂ is integrated out
 */
export function logEvidence({ a, b, s, size }, x) {
  const spread = size > 1 ? Math.hypot(s, 1) : s;
  if (a === 0) return logNormal(x, 0, Math.hypot(b, spread));
  const step = (2 * REACH) / (NODES - 1);
  const heights = new Float64Array(NODES);
  for (let i = 0; i < NODES; i++) {
    const z = i * step - REACH;
    heights[i] = logNormal(x, a * z * z + b * z, spread) + logNormal(z, 0, 1);
  }
  return logSum(heights) + Math.log(step);
}

/** @param {ArrayLike<number>} values */
function logSum(values) {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - most);
  return most + Math.log(sum);
}

/**
 * @param {Q} q
 * @param {number} part
 * @returns {[number, number, number]} the variance of z₁, of z₂ (0 where there is none), and their covariance
 */
export function covarianceOf({ sigma, correlation }, part) {
  const [one, two = 0] = sigma[part];
  return [one * one, two * two, (correlation ?? 0) * one * two];
}

/**
 * @param {Model} model
 * @param {number} x
 * @param {Q} q
 * @returns {number} E_q[log p(x|z)]
 */
export function reconstruction(model, x, q) {
  const { a, b, s, size } = model;
  return q.weight.reduce((sum, weight, k) => {
    const [one, two, both] = covarianceOf(q, k);
    const miss = x - meanOf(model, q.mean[k]);
    const slope = 2 * a * q.mean[k][0] + b; // ∂f/∂z₁ at the mean; ∂f/∂z₂ is 1
    const turned = slope * slope * one + (size > 1 ? 2 * slope * both + two : 0);
    const square = miss * miss - 2 * miss * a * one + turned + 3 * a * a * one * one;
    return sum + weight * (-square / (2 * s * s) - Math.log(s) - LOG_ROOT);
  }, 0);
}

/**
 * @param {Q} q whose z is one number
 * @param {number} z
 * @returns {number} log q(z)
 */
export function logDensity({ mean, sigma, weight }, z) {
  return logSum(weight.map((share, k) => Math.log(share) + logNormal(z, mean[k][0], sigma[k][0])));
}

/**
 * @param {Q} q
 * @returns {number} KL(q(z) ‖ p(z)); the entropy of a mixture is a sum over nodes of each part
 */
export function klToPrior(q) {
  const { mean, sigma, weight, correlation } = q;
  const size = mean[0].length;
  const squares = mean.map((m, k) => m.reduce((sum, one, i) => sum + one * one + sigma[k][i] ** 2, 0));
  const cross = weight.reduce((sum, share, k) => sum + (share * squares[k]) / 2, 0) + size * LOG_ROOT;
  if (weight.length > 1) return cross - mixtureEntropy(q);
  const logSigma = sigma[0].reduce((sum, one) => sum + Math.log(one), 0);
  return cross - size * (LOG_ROOT + 0.5) - logSigma - 0.5 * Math.log1p(-((correlation ?? 0) ** 2));
}

/** @param {Q} q */
function mixtureEntropy(q) {
  const step = (2 * ENTROPY_REACH) / (ENTROPY_NODES - 1);
  let entropy = 0;
  let all = 0; // of the shares, which the sum of a Gaussian over its nodes is not exactly 1 for
  for (let i = 0; i < ENTROPY_NODES; i++) {
    const node = i * step - ENTROPY_REACH;
    const share = Math.exp(-0.5 * node * node);
    all += share;
    for (const [k, weight] of q.weight.entries())
      entropy -= weight * share * logDensity(q, q.mean[k][0] + q.sigma[k][0] * node);
  }
  return entropy / all;
}

/**
 * @param {Model} model
 * @param {number} x
 * @param {Q} q
 * @param {number} evidence log p(x)
 * @returns {Terms} ELBO = reconstruction − KL to the prior, and log p(x) = ELBO + gap
 */
export function termsOf(model, x, q, evidence = logEvidence(model, x)) {
  const terms = { reconstruction: reconstruction(model, x, q), klToPrior: klToPrior(q) };
  const elbo = terms.reconstruction - terms.klToPrior;
  return { ...terms, elbo, gap: evidence - elbo, logEvidence: evidence };
}
