// White ink on black, as the digits the models are trained on.
const canvas = element.querySelector("canvas");
const ink = canvas.getContext("2d", { willReadFrequently: true });
const file = element.querySelector("input");
let last = null;

const wipe = () => { ink.fillStyle = "#000"; ink.fillRect(0, 0, canvas.width, canvas.height); };
const send = (url) => { props.value = url; trigger("input"); };
const place = (event) => {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
};

wipe();
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  last = place(event);
  event.preventDefault();
});
canvas.addEventListener("pointermove", (event) => {
  if (!last) return;
  const here = place(event);
  Object.assign(ink, { strokeStyle: "#fff", lineWidth: 22, lineCap: "round", lineJoin: "round" });
  ink.beginPath(); ink.moveTo(...last); ink.lineTo(...here); ink.stroke();
  last = here;
});
const lift = () => { if (last) { last = null; send(canvas.toDataURL("image/png")); } };
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", lift);
element.querySelector(".clear").addEventListener("click", () => { wipe(); send(""); });
file.addEventListener("change", () => {
  const chosen = file.files[0];
  if (!chosen) return;
  const reader = new FileReader();
  reader.onload = () => {
    const picture = new Image();
    picture.onload = () => { wipe(); ink.drawImage(picture, 0, 0, canvas.width, canvas.height); };
    picture.src = reader.result;
    send(reader.result);
  };
  reader.readAsDataURL(chosen);
  file.value = "";
});
