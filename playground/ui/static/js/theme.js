// Light and dark, and the palette, which the server writes as CSS variables from `playground/palette.py`.

export const isDark = () => document.body.classList.contains("dark");

/**
 * @param {string} name of a CSS variable without its dashes
 * @returns {string}
 */
export const colour = (name) => getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();

/**
 * @param {string} name such as "heat"
 * @returns {[number, string][] | null} the colour scale as Plotly has it
 */
export const scale = (name) => parseScale(colour(`scale-${name}`));

/**
 * @param {string} stops "#fff 0%, #000 100%"
 * @returns {[number, string][] | null}
 */
export function parseScale(stops) {
  if (!stops) return null;
  return stops.split(",").map((stop) => {
    const [shade, at] = stop.trim().split(" ");
    return [Number.parseFloat(at) / 100, shade];
  });
}

/**
 * @param {() => void} listener called when the page turns light or dark
 * @returns {() => void} ends the calls
 */
export function onThemeChange(listener) {
  let before = isDark();
  const observer = new MutationObserver(() => {
    if (isDark() !== before) {
      before = isDark();
      listener();
    }
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}
