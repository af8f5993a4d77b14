// Tells the server which pictures of this tab are in sight, so that it draws no others.
const panel = element.closest('[role="tabpanel"]') || document;
const seen = new Set();
let said = null, timer = 0;

const say = () => {
  const views = [...seen].sort();
  if (document.hidden) views.length = 0;
  const now = views.join();
  if (now === said) return;
  said = now;
  trigger("look", { views });
};
const later = () => { clearTimeout(timer); timer = setTimeout(say, 120); };
const eye = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const name = entry.target.dataset.view;
    if (entry.isIntersecting) seen.add(name); else seen.delete(name);
  }
  later();
}, { rootMargin: "80px" });
const known = new WeakSet();
const find = () => {
  for (const figure of panel.querySelectorAll(".live-plot[data-view]")) {
    if (known.has(figure) || /^(probe|inset)-/.test(figure.dataset.view)) continue;
    known.add(figure);
    eye.observe(figure);
  }
};
find();
new MutationObserver(find).observe(panel, { childList: true, subtree: true });
document.addEventListener("visibilitychange", later);
// Only a server that knows which page this is can make use of it.
window.playground.subscribe("settled", () => { said = null; later(); });
