// Formulas by KaTeX; \sym{name}{…} becomes an element that code lines can light up.
const render = () => {
  if (!window.katex) return setTimeout(render, 40);
  for (const tex of element.querySelectorAll(".tex:not(.done)")) {
    window.katex.render(tex.textContent, tex, {
      displayMode: tex.dataset.display === "true", throwOnError: false, strict: false,
      trust: (context) => context.command === "\\htmlData",
      macros: { "\\sym": "\\htmlData{symbol=#1}{#2}" },
    });
    tex.classList.add("done");
  }
};
render();
