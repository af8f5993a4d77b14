// A square to draw on by mouse, pen or finger, or to fill from a picture file: white ink on black.
import { grabPointer } from "./browser.js";
import { h } from "./dom.js";

const SIZE = 280;
const INK = { strokeStyle: "#fff", lineWidth: 22, lineCap: "round", lineJoin: "round" };

/**
 * @param {string} id of the canvas
 * @param {import("./protocol.d.ts").DrawingWords} words
 * @param {(url: string) => void} drawn called after every stroke with a PNG as a data URL, "" when cleared
 * @returns {{element: HTMLElement, clear: () => void}}
 */
export function drawPad(id, words, drawn) {
  const canvas = h("canvas", { id, width: SIZE, height: SIZE, tabindex: 0, "aria-label": words.pad });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const file = h("input", { type: "file", "aria-label": words.upload_about });
  const clear = h("button", { type: "button", class: "clear" }, words.clear);
  const upload = h("label", { class: "upload" }, words.upload, file);
  /** @type {number[] | null} */
  let last = null;

  const wipe = () => {
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, SIZE, SIZE);
  };
  const point = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * SIZE) / box.width, ((event.clientY - box.top) * SIZE) / box.height];
  };
  const lift = () => {
    if (last) {
      last = null;
      drawn(canvas.toDataURL("image/png"));
    }
  };

  wipe();
  canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    grabPointer(canvas, event);
    last = point(event);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!last) return;
    const here = point(event);
    Object.assign(pen, INK);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...here);
    pen.stroke();
    last = here;
  });
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  clear.addEventListener("click", () => {
    wipe();
    drawn("");
  });
  file.addEventListener("change", () => {
    const chosen = file.files[0];
    if (!chosen) return;
    const reader = new FileReader();
    reader.onload = () => {
      const url = String(reader.result);
      const picture = new Image();
      picture.onload = () => {
        wipe();
        pen.drawImage(picture, 0, 0, SIZE, SIZE);
      };
      picture.src = url;
      drawn(url);
    };
    reader.readAsDataURL(chosen);
    file.value = "";
  });
  const element = h("div", { class: "draw-pad" }, canvas, h("div", { class: "draw-tools" }, clear, upload));
  return { element, clear: wipe };
}
