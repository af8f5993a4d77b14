// Figures are drawn one after the other, and after each the page rests for as long as it took: clicks and videos stay
// smooth, and a slow browser shows fewer frames.

const SHORT = 8; // milliseconds, after which no rest is needed

/** @type {(() => unknown)[]} */
const waiting = [];
let drawing = false;

/** @param {() => unknown} draw may be asynchronous; an error goes to the console */
export async function drawInTurn(draw) {
  waiting.push(draw);
  if (drawing) return;
  drawing = true;
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    await new Promise(requestAnimationFrame);
    const began = performance.now();
    try {
      await next();
    } catch (error) {
      console.error(error);
    }
    const spent = performance.now() - began;
    if (spent > SHORT) await new Promise((resolve) => setTimeout(resolve, spent));
  }
  drawing = false;
}
