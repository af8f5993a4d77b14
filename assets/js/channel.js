// One message a frame from the server, handed on to the pictures and parts of this tab.
const slug = element.querySelector("[data-concept]").dataset.concept;
let newest = 0;
watch("value", () => {
  if (!props.value) return;
  const message = JSON.parse(props.value);
  if (message.address) history.replaceState(null, "", message.address);
  if (message.order < newest) return;
  newest = message.order;
  for (const [view, figure] of Object.entries(message.pictures)) window.playground.publish(`${slug}/view/${view}`, figure);
  for (const [part, text] of Object.entries(message.parts)) window.playground.publish(`${slug}/part/${part}`, text);
});
