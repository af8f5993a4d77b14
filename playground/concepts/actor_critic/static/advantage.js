// What the critic makes of the steps of an episode so far; a test compares it with models/actor_critic.py.

/**
 * @typedef {object} Step
 * @property {number} value V(s)
 * @property {number} reward
 * @property {boolean} terminated
 */

/**
 * Generalised advantages of the newest steps, each from what has followed until now: Â_t = δ_t + γλ Â_{t+1}, with
 * δ = r + γ(1 − terminated) V(s′) − V(s).
 * @param {Step[]} steps of one episode, oldest first
 * @param {number} next V of the state after the last of them
 * @param {number} gamma
 * @param {number} lam
 * @param {boolean} mask whether a terminal state is worth nothing
 * @returns {number[]}
 */
export function advantages(steps, next, gamma, lam, mask) {
  const found = new Array(steps.length);
  let ahead = 0;
  let nextValue = next;
  for (let t = steps.length - 1; t >= 0; t--) {
    const { value, reward, terminated } = steps[t];
    const delta = reward + gamma * (terminated && mask ? 0 : nextValue) - value;
    ahead = delta + (terminated ? 0 : gamma * lam * ahead);
    found[t] = ahead;
    nextValue = value;
  }
  return found;
}
