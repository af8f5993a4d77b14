// A piece of text that the tab's channel keeps up to date.
const box = element.querySelector("[data-part]");
window.playground.subscribe(`${box.dataset.concept}/part/${box.dataset.part}`, (text) => {
  if (box.innerHTML !== text) box.innerHTML = text;
});
