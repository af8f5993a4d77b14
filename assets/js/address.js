// Keeps the page's address in step with the knobs, without a new entry in the history.
watch("value", () => {
  if (typeof props.value === "string" && props.value.startsWith("?")) history.replaceState(null, "", props.value);
});
