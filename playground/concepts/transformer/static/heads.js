// The heads whose lines can be drawn: a button for each, or a list where there are many.

const FEW = 8; // heads that have a button each

/** @typedef {[number, number] | null} Head layer and head, from 0; null: the mean of the last layer's */

/**
 * @param {Pick<import("./attended.js").Reading, "layers" | "heads" | "sharpest">} reading
 * @param {Head} chosen
 * @param {(head: Head) => void} choose
 * @param {(head: Head) => string} which says whose lines they are
 * @param {Pick<import("../../../ui/static/js/medium_io.js").MediumIO, "h" | "say">} io
 * @returns {HTMLElement[]}
 */
export function headChoices({ layers, heads, sharpest }, chosen, choose, which, { h, say }) {
  const all = Array.from(
    { length: layers * heads },
    (_, i) => /** @type {Head} */ ([Math.floor(i / heads), i % heads]),
  );
  const label = (/** @type {Head} */ head) => {
    if (!head) return say("all_heads");
    const words = say(layers > 1 ? "layer_head" : "head", { layer: head[0] + 1, head: head[1] + 1 });
    return String(head) === String(sharpest) ? `${words} ◆` : words;
  };
  const isChosen = (/** @type {Head} */ head) => String(head) === String(chosen);
  const choices = [null, ...all];
  if (all.length > FEW) {
    const options = choices.map((head, i) => h("option", { value: i, selected: isChosen(head) }, label(head)));
    const change = (/** @type {any} */ event) => choose(choices[Number(event.target.value)]);
    return [h("select", { "aria-label": say("heads"), onchange: change }, ...options)];
  }
  return choices.map((head) => {
    const about = { type: "button", class: "small-button", title: which(head), "aria-pressed": String(isChosen(head)) };
    return h("button", { ...about, onclick: () => choose(head) }, label(head));
  });
}
