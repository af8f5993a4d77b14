// A sound file of the visitor's, sent as it is: the server says what is wrong with it.
import { h, setText } from "./dom.js";
import { say } from "./sentences.js";

const LARGEST = 10_000_000; // bytes; half a minute of CD sound has 5.3 million

/**
 * @param {string} id of the input
 * @param {(url: string) => void} chosen called with the file as a data URL, "" when it is taken away
 * @returns {{element: HTMLElement, clear: () => void}}
 */
export function soundPicker(id, chosen) {
  const file = h("input", { type: "file", id, accept: "audio/*,.wav,.mp3,.flac,.ogg" });
  const name = h("span", { class: "file-name", "aria-live": "polite" });
  const remove = h("button", { type: "button", class: "small-button", hidden: true }, say("sound_remove"));
  const show = (/** @type {string} */ words, isChosen = false) => {
    setText(name, words);
    remove.hidden = !isChosen;
  };
  const clear = () => {
    file.value = "";
    show("");
  };
  remove.addEventListener("click", () => {
    clear();
    chosen("");
  });
  file.addEventListener("change", () => {
    const sound = file.files[0];
    if (!sound) return;
    if (sound.size > LARGEST) {
      show(say("sound_too_large", { name: sound.name, megabytes: (sound.size / 1e6).toFixed(1) }));
      return;
    }
    const reader = new FileReader();
    reader.onload = () => {
      show(sound.name, true);
      chosen(String(reader.result));
    };
    reader.readAsDataURL(sound);
  });
  const element = h(
    "div",
    { class: "sound-picker" },
    h("label", { class: "upload" }, say("sound_choose"), file),
    name,
    remove,
  );
  return { element, clear };
}
