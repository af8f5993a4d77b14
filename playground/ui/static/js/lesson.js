// The lesson beside the code that runs. Comes from the server when it is about to be seen, and so does KaTeX.
import { onSight } from "./browser.js";
import { codePanel } from "./code_panel.js";
import { h, loadOnce } from "./dom.js";
import { fetchJSON, fileAt } from "./page_data.js";
import { say } from "./sentences.js";
import { lightsUp } from "./symbols.js";

/**
 * @param {string} slug
 * @returns {HTMLElement}
 */
export function lessonPanel(slug) {
  const panel = h("div", {}, h("p", { class: "lesson-waits" }, say("lesson_waits")));
  const sight = onSight(async (entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    sight.disconnect();
    /** @type {import("./protocol.d.ts").Lesson | null} */
    const lesson = await fetchJSON(`lesson/${slug}.json`).catch(() => null);
    if (!lesson) {
      panel.replaceChildren(h("p", { class: "complaint", role: "alert" }, say("lesson_failed")));
      return;
    }
    const text = h("div", { class: "lesson-text" });
    text.innerHTML = lesson.text; // the concept's own Markdown, rendered by the server
    panel.replaceChildren(h("div", { class: "lesson" }, text, codePanel(slug, lesson)));
    lightsUp(text, lesson.symbols);
    renderFormulas(text).catch(console.error);
  });
  sight.observe(panel);
  return panel;
}

/** @param {HTMLElement} text `\sym{name}{…}` in a formula becomes an element that code lines can light up */
async function renderFormulas(text) {
  const katexAt = (/** @type {string} */ file) => loadOnce(fileAt(`static/vendor/katex/${file}`));
  await Promise.all([katexAt("katex.min.css"), katexAt("katex.min.js")]);
  /** @type {any} */
  const { katex } = window;
  for (const tex of text.querySelectorAll(".tex")) {
    katex.render(tex.textContent, tex, {
      displayMode: tex.classList.contains("display"),
      throwOnError: false,
      strict: false,
      trust: (/** @type {any} */ context) => context.command === "\\htmlData",
      macros: { "\\sym": "\\htmlData{symbol=#1}{#2}" },
    });
  }
}
