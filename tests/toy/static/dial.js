// A medium that only the toy has: a needle on a dial. The page knows nothing of it.

/**
 * @param {HTMLElement} element
 * @param {import("../../../playground/ui/static/js/figure_box.js").MediumIO} io
 */
export function mount(element, io) {
  const needle = io.h("button", { type: "button", class: "needle", onclick: () => io.click(1, 2) });
  element.replaceChildren(needle);
  io.onFigure(({ figure }) => {
    needle.style.rotate = `${180 * figure.dial.theta}deg`;
    needle.textContent = figure.dial.theta.toFixed(3);
    io.drawn();
  });
}
