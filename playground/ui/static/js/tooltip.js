// One bubble for the help of whatever is pointed at or focused, beside it where there is room, else below.
import { h } from "./dom.js";

const GAP = 10; // pixels
/** @type {any} */
let bubble = null; // made when it is first needed

/**
 * @param {HTMLElement} element
 * @param {string} text nothing is shown for an empty one
 */
export function tooltip(element, text) {
  const show = () => {
    if (!text) return;
    bubble ??= h("div", { class: "tooltip", "aria-hidden": true });
    if (!bubble.isConnected) document.body.append(bubble);
    bubble.textContent = text;
    bubble.hidden = false;
    const box = element.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = bubble;
    const beside = box.right + GAP + width <= window.innerWidth;
    const left = beside ? box.right + GAP : Math.max(GAP, window.innerWidth - width - GAP);
    const top = beside ? box.top : box.bottom + 4;
    Object.assign(bubble.style, { left: `${left}px`, top: `${Math.min(top, window.innerHeight - height - GAP)}px` });
  };
  const hide = () => {
    if (bubble) bubble.hidden = true;
  };
  element.addEventListener("pointerenter", show);
  element.addEventListener("focusin", show);
  element.addEventListener("pointerleave", hide);
  element.addEventListener("focusout", hide);
}
