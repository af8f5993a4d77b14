// A code line lights up its symbols in the formulas and the pictures they belong to, and shows the live shape.
const tabpanel = () => element.closest(".tab-concept") || document;
const panel = element.querySelector(".code-panel");
const table = JSON.parse(panel.dataset.table);
const said = element.querySelector(".code-shape");

function shapeOf(name) {
  const status = tabpanel().querySelector(".status[data-shapes]");
  const shapes = status ? JSON.parse(status.dataset.shapes) : {};
  return shapes[name] ? ` is (${shapes[name].join(" × ")}) right now` : "";
}

function light(names) {
  const root = tabpanel();
  for (const old of root.querySelectorAll(".lit")) old.classList.remove("lit");
  const words = [];
  for (const name of names) {
    for (const glyph of root.querySelectorAll(`[data-symbol="${name}"]`)) glyph.classList.add("lit");
    for (const line of panel.querySelectorAll(`.line[data-symbols~="${name}"]`)) line.classList.add("lit");
    const symbol = table[name];
    if (!symbol) continue;
    for (const view of symbol.views) root.querySelector(`.live-plot[data-view="${view}"]`)?.classList.add("lit");
    words.push(`${symbol.glyph}: ${symbol.meaning}${shapeOf(name)}`);
  }
  said.textContent = words.join(" · ");
}

const over = (event) => {
  const line = event.target.closest(".line[data-symbols]");
  if (line) light(line.dataset.symbols.split(" "));
};
panel.addEventListener("pointerover", over);
panel.addEventListener("focusin", over);
panel.addEventListener("pointerleave", () => light([]));
const lesson = () => tabpanel().querySelector(".lesson-text");
(function hook() {
  if (!lesson()) return setTimeout(hook, 100);
  lesson().addEventListener("pointerover", (event) => {
    const glyph = event.target.closest("[data-symbol]");
    light(glyph ? [glyph.dataset.symbol] : []);
  });
})();
