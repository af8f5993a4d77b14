// Figures are drawn one after the other, and after each the page rests for as long as it took: clicks and videos stay
// smooth, and a slow browser shows fewer frames. After a picture of a run that trains it rests longer: where the browser is
// on the server's own machine, it leaves the cores to the training.

const SHORT = 8; // milliseconds, after which no rest is needed
const LIVE_REST = 2; // times as long as drawing and painting took, after a picture of a run that trains
const LONGEST = 10_000; // milliseconds after which the others no longer wait for a figure
const LONGEST_REST = 1000; // milliseconds

/** @type {{draw: () => unknown, isLive: boolean, longest: number}[]} */
const waiting = [];
let drawing = false;

/**
 * @param {() => unknown} draw may be asynchronous; an error goes to the console
 * @param {{isLive?: boolean, longest?: number}} how isLive: whether it shows a run that trains, not an answer that the
 *   visitor waits for; longest: milliseconds that the others wait for it
 */
export async function drawInTurn(draw, { isLive = false, longest = LONGEST } = {}) {
  waiting.push({ draw, isLive, longest });
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
    const drawn = performance.now() - began;
    if (drawn > SHORT) await rest(next.isLive ? LIVE_REST * ((await painted()) - began) : drawn);
  }
  drawing = false;
}

/** @param {number} milliseconds */
const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, LONGEST_REST)));

/** When the browser has laid out and painted what was drawn. */
async function painted() {
  await new Promise(requestAnimationFrame);
  return performance.now();
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
