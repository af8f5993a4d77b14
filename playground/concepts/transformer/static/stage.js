// The picture of a text, the answer below it, and the lines between them.
import { linesOf, pathOf, stroke } from "./attended.js";

/**
 * @param {import("./attended.js").Reading} reading
 * @param {number[][]} weights (outputs, keys)
 * @param {ReturnType<import("./attended.js").laidOut>} layout
 * @param {import("./attended.js").Place | null} place pointed at
 * @param {(key: string) => string} say
 */
export function stagePicture(reading, weights, layout, place, say) {
  const { inputs, outputs } = reading;
  const lines = linesOf(weights, place);
  const paths = lines.map((line) => {
    const { width, opacity } = stroke(line.weight);
    const d = pathOf(layout, line, inputs.length);
    return svg("path", { d, "stroke-width": width, opacity: place ? opacity : 0.7 * opacity });
  });
  return svg(
    "svg",
    { width: layout.width, height: layout.height, "aria-hidden": "true" },
    svg("text", { class: "row-name", x: 2, y: 13 }, say("reads")),
    svg("text", { class: "row-name", x: 2, y: layout.height - 4 }, say("writes")),
    ...inputs.map((_, i) => glow(layout, lines, i, place)),
    svg("g", { class: place ? "lines pointed" : "lines" }, ...paths),
    ...inputs.map((text, i) => letter(layout.input, i, layout.inputBottom, text, "read")),
    ...outputs.flatMap((_, i) => written(reading, layout, i, place)),
  );
}

/**
 * Behind an input: how much of it is attended to.
 * @param {ReturnType<import("./attended.js").laidOut>} layout
 * @param {import("./attended.js").Line[]} lines
 * @param {number} i
 * @param {import("./attended.js").Place | null} place
 */
function glow({ input, inputTop, inputBottom }, lines, i, place) {
  if (place?.row === "input") return cell(input, i, inputTop, inputBottom, place.index === i ? "place" : "open", 1);
  const most = lines.filter(({ key }) => key === i).reduce((found, { weight }) => Math.max(found, weight), 0);
  return cell(input, i, inputTop, inputBottom, "glow", place ? 0.75 * most : 0);
}

/**
 * An output: its mark, its probability and, where it is wrong, the right character above.
 * @param {import("./attended.js").Reading} reading
 * @param {ReturnType<import("./attended.js").laidOut>} layout
 * @param {number} i
 * @param {import("./attended.js").Place | null} place
 */
function written({ outputs, marks, targets, sure }, { output, outputTop, outputBottom }, i, place) {
  const isPlace = place?.row === "output" && place.index === i;
  const width = Math.max(0, output.pitch - 4);
  const bar = { class: "sure", x: output.x(i) - width / 2, y: outputBottom + 3, height: 4 };
  const parts = [
    cell(output, i, outputTop, outputBottom, marks[i] || "open", 1),
    letter(output, i, outputBottom, outputs[i] === " " ? "␣" : outputs[i], marks[i]),
    svg("rect", { ...bar, width, opacity: 0.25 }),
    svg("rect", { ...bar, width: width * sure[i] }),
  ];
  if (isPlace) parts.push(cell(output, i, outputTop, outputBottom, "place", 1));
  if (marks[i] === "wrong") {
    parts.push(svg("text", { class: "target", x: output.x(i), y: outputTop - 4 }, targets[i] || "∅"));
  }
  return parts;
}

/**
 * @param {import("./attended.js").Row} row
 * @param {number} i
 * @param {number} top
 * @param {number} bottom
 * @param {string} kind
 * @param {number} opacity
 */
function cell(row, i, top, bottom, kind, opacity) {
  const [x, width] = [row.x(i) - row.pitch / 2 + 0.5, row.pitch - 1];
  return svg("rect", { class: kind, x, y: top, width, height: bottom - top, rx: 4, opacity });
}

/**
 * @param {import("./attended.js").Row} row
 * @param {number} i
 * @param {number} bottom
 * @param {string} text
 * @param {string} kind
 */
function letter(row, i, bottom, text, kind) {
  return svg("text", { class: `letter ${kind}`, x: row.x(i), y: bottom - 0.4 * row.font, "font-size": row.font }, text);
}

/**
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {(Node | string)[]} children
 */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
