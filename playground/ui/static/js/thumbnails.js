// A number that stands for a picture in a sheet: chosen by pointing at the picture.
import { h } from "./dom.js";
import { fileAt } from "./page_data.js";
import { fill } from "./sentences.js";

/**
 * @param {string} id
 * @param {import("./protocol.d.ts").ThumbnailsControl} about
 * @param {() => void} changed
 * @returns {{element: HTMLElement, get: () => number, set: (value: number) => void}}
 */
export function thumbnailPicker(id, { high, sheet: { file, columns, cell }, words }, changed) {
  let chosen = 0;
  const address = fileAt(`assets/${file}`);
  const shown = h("span", { class: "thumbnail", role: "img" });
  const name = h("span");
  const opener = h("button", { type: "button", id, class: "thumbnail-opener", "aria-expanded": "false" }, shown, name);
  const picture = h("img", { alt: "", draggable: "false", loading: "lazy" });
  const marker = h("span", { class: "thumbnail-marker" });
  const sheet = h("div", { class: "thumbnail-sheet", tabindex: 0, role: "listbox", hidden: true }, picture, marker);
  sheet.setAttribute("aria-label", words.sheet);
  picture.style.width = `${columns * cell}px`;
  Object.assign(shown.style, { width: `${cell}px`, height: `${cell}px`, backgroundImage: `url("${address}")` });
  Object.assign(marker.style, { width: `${cell}px`, height: `${cell}px` });

  const show = () => {
    const [left, top] = [(chosen % columns) * cell, Math.floor(chosen / columns) * cell];
    shown.style.backgroundPosition = `${-left}px ${-top}px`;
    Object.assign(marker.style, { left: `${left}px`, top: `${top}px` });
    name.textContent = fill(words.chosen, { number: chosen });
  };
  const choose = (/** @type {number} */ index) => {
    if (index < 0 || index > high) return;
    chosen = index;
    show();
    changed();
  };
  const open = (/** @type {boolean} */ isOpen) => {
    if (isOpen) picture.src = address;
    sheet.hidden = !isOpen;
    opener.setAttribute("aria-expanded", String(isOpen));
  };
  opener.addEventListener("click", () => open(sheet.hidden));
  sheet.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const box = picture.getBoundingClientRect();
    choose(cellUnder(event.clientX - box.left, event.clientY - box.top, columns, cell));
  });
  sheet.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (by) choose(chosen + by);
    else if (event.key === "Escape" || event.key === "Enter") {
      open(false);
      opener.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  show();
  return {
    element: h("div", { class: "thumbnails" }, opener, sheet),
    get: () => chosen,
    set: (value) => {
      chosen = Number(value);
      show();
    },
  };
}

/**
 * @param {number} x in pixels, from the sheet's left
 * @param {number} y
 * @param {number} columns
 * @param {number} cell
 * @returns {number} of the picture there
 */
export const cellUnder = (x, y, columns, cell) => Math.floor(y / cell) * columns + Math.floor(x / cell);
