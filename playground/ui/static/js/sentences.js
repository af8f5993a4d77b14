// The page's sentences by key, from the one catalogue that the server reads as well.
import { sentences } from "./page_data.js";

/**
 * @param {string} key
 * @param {Record<string, any>} values filled in where the sentence has {name}
 * @returns {string}
 */
export function say(key, values = {}) {
  return fill(sentences[key] ?? key, values);
}

/**
 * Sentences that a tab brings have its slug before their key.
 * @param {string} slug
 * @returns {typeof say}
 */
export function sayIn(slug) {
  return (key, values = {}) => say(`${slug}.${key}` in sentences ? `${slug}.${key}` : key, values);
}

/**
 * @param {string} sentence
 * @param {Record<string, any>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => (name in values ? written(values[name]) : `{${name}}`));
}

/**
 * A value as a reader expects it: 12,345 · 0.25 · "a 1, b 2" for an object.
 * @param {any} value
 * @returns {string}
 */
export function written(value) {
  if (typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 6 });
  if (Array.isArray(value)) return value.map(written).join(", ");
  if (value && typeof value === "object") {
    return Object.entries(value)
      .map(([name, one]) => `${name} ${written(one)}`)
      .join(", ");
  }
  return String(value);
}

/**
 * A measured number, short enough for a strip of them.
 * @param {number} value
 */
export function short(value) {
  const size = Math.abs(value);
  if (size >= 1000 || Number.isInteger(value)) return value.toLocaleString("en", { maximumFractionDigits: 0 });
  return value.toFixed(size >= 100 ? 1 : size >= 1 ? 2 : 3);
}

/**
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return whole >= 60 ? `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min` : `${whole} s`;
}
