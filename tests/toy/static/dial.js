// A medium that only the toy has: a needle on a dial. The page knows nothing of it.

/**
 * @param {HTMLElement} element
 * @param {import("../../../playground/ui/static/js/medium_io.js").MediumIO} io
 */
export function mount(element, io) {
  const needle = io.h("button", { type: "button", class: "needle", onclick: () => io.questions.click(1, 2) });
  element.replaceChildren(needle);
  io.box.onFigure(({ figure }) => {
    needle.style.rotate = `${180 * figure.dial.theta}deg`;
    needle.textContent = figure.dial.theta.toFixed(3);
    io.box.drawn();
  });
}
