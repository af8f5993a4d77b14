// What all pictures share; runs once for each when it is mounted. `element`, `props`, `watch`, `trigger` are Gradio's.
const frame = element.querySelector(".live-plot");
const dark = () => document.body.classList.contains("dark");

// The newest value: from an event of Gradio's, or from the tab's channel.
function receive(take) {
  const badge = element.querySelector(".badge");
  const show = (next) => {
    badge.hidden = !(next.layout && next.layout.meta && next.layout.meta.ready_made);
    frame.classList.remove("closed");
    take(next);
  };
  const showValue = () => { if (props.value) show(JSON.parse(props.value)); };
  showValue();
  watch("value", showValue);
  window.playground.subscribe(`${frame.dataset.concept}/view/${frame.dataset.view}`, show);
}
element.querySelector(".close").addEventListener("click", () => frame.classList.add("closed"));
