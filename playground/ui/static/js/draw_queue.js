// Figures are drawn one after the other, and after each the page rests for twice as long as it took: clicks and videos stay
// smooth, a slow browser shows fewer frames, and one on the server's own machine leaves its cores to the training.

const SHORT = 24; // milliseconds, after which no rest is needed
const LONGEST = 10_000; // milliseconds after which the others no longer wait for a figure
const REST = 2; // times as long as drawing took
const LONGEST_REST = 1000; // milliseconds

/** @type {{draw: () => unknown, longest: number}[]} */
const waiting = [];
let drawing = false;

/**
 * @param {() => unknown} draw may be asynchronous; an error goes to the console
 * @param {number} longest milliseconds that the others wait for it
 */
export async function drawInTurn(draw, longest = LONGEST) {
  waiting.push({ draw, longest });
  if (drawing) return;
  drawing = true;
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    await new Promise(requestAnimationFrame);
    const began = performance.now();
    try {
      await within(next.longest, next.draw());
    } catch (error) {
      console.error(error);
    }
    await new Promise(requestAnimationFrame); // the browser has laid it out and painted it, which takes as long again
    const spent = performance.now() - began;
    if (spent > SHORT) await new Promise((resolve) => setTimeout(resolve, Math.min(REST * spent, LONGEST_REST)));
  }
  drawing = false;
}

/**
 * @param {number} milliseconds
 * @param {unknown} work
 */
async function within(milliseconds, work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`A figure was not drawn within ${milliseconds} ms.`)), milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
