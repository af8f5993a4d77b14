// A small chart of both training losses: what is drawn where, and the drawing.

const LEFT = 30; // pixels for the numbers of the axes, and for the words at the ends of the lines
const RIGHT = 96;
const BOTTOM = 17;
const TOP = 22;
const LINE = 13; // height of a line of words

/** @typedef {import("./column_drawing.js").Arm} Arm */
/** @typedef {{at: number, value: number}} Tick */
/** @typedef {{name: string, title: string, path: string, x: number, y: number, value: number, frozen: number | null}} Line */
/** @typedef {{left: number, right: number, top: number, bottom: number, x: Tick[], y: Tick[], lines: Line[]}} Chart */

/**
 * @param {Arm[]} arms
 * @param {number} width in pixels
 * @param {number} height
 * @returns {Chart}
 */
export function chartOf(arms, width, height) {
  const [left, right, top, bottom] = [LEFT, width - RIGHT, TOP, height - BOTTOM];
  const last = Math.max(1, ...arms.map(({ losses }) => losses.steps.at(-1) ?? 0));
  const ticks = ticksTo(highest(arms), 3);
  const most = ticks[ticks.length - 1];
  const x = (/** @type {number} */ step) => left + (step / last) * (right - left);
  const y = (/** @type {number} */ loss) => bottom - (loss / most) * (bottom - top);
  const lines = arms.flatMap(({ name, title, losses, frozen }) => {
    const { steps, values } = losses;
    const end = values.findLastIndex((value) => value !== null);
    if (end < 0) return [];
    const value = /** @type {number} */ (values[end]);
    return [{ name, title, path: pathOf(steps.map(x), values, y), x: x(steps[end]), y: y(value), value, frozen }];
  });
  return {
    left,
    right,
    top,
    bottom,
    x: ticksTo(last, 4)
      .filter((value) => value <= last && Number.isInteger(value))
      .map((value) => ({ value, at: x(value) })),
    y: ticks.map((value) => ({ value, at: y(value) })),
    lines,
  };
}

/**
 * The largest loss that is shown: one that grows past twice what an untrained network has leaves the chart, so that the
 * losses of the other network can still be told apart.
 * @param {Arm[]} arms
 */
function highest(arms) {
  const values = arms.map(({ losses }) => losses.values.filter((value) => value !== null));
  const begun = values.filter((some) => some.length);
  if (!begun.length) return 1;
  return Math.min(Math.max(...begun.flat()), 2 * Math.min(...begun.map(([first]) => first)));
}

/**
 * @param {number} most
 * @param {number} count of steps between two ticks, at most about so many
 * @returns {number[]} round numbers from 0 to one that is not under `most`
 */
export function ticksTo(most, count) {
  const rough = Math.max(most, 1e-9) / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5].find((one) => one * unit >= rough * (1 - 1e-9)) ?? 10);
  const steps = Math.max(1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

/**
 * @param {number[]} xs in pixels
 * @param {(number | null)[]} values null is a gap
 * @param {(value: number) => number} y
 * @returns {string}
 */
export function pathOf(xs, values, y) {
  let path = "";
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const isJoined = i > 0 && values[i - 1] !== null;
    path += `${isJoined ? "L" : "M"}${xs[i].toFixed(1)} ${y(value).toFixed(1)}`;
  }
  return path;
}

/**
 * @param {number[]} heights at which words should stand
 * @param {number} low
 * @param {number} high
 * @returns {number[]} heights between these at which they do not overlap, in the same order from above
 */
export function apart(heights, low, high) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]);
  const placed = [...heights];
  for (const [rank, i] of order.entries()) {
    const above = rank ? placed[order[rank - 1]] + LINE : low;
    placed[i] = Math.min(Math.max(heights[i], above), high - LINE * (order.length - 1 - rank));
  }
  return placed;
}

/**
 * @param {Chart} chart
 * @param {number} width
 * @param {number} height
 * @param {(key: string, values?: Record<string, any>) => string} say
 * @returns {SVGElement}
 */
export function lossesPicture({ left, right, top, bottom, x, y, lines }, width, height, say) {
  const ends = lines.map(({ frozen, title, value }) =>
    frozen === null
      ? say("loss_end", { arm: title, loss: value.toFixed(2) })
      : say("loss_frozen", { arm: title, step: frozen }),
  );
  const stands = apart(
    lines.map((line) => line.y),
    top,
    bottom,
  );
  const label = say("losses_label", { ends });
  const inside = { x: left, y: top - 2, width: right - left + 4, height: bottom - top + 4, overflow: "hidden" };
  const shift = `translate(${-left} ${2 - top})`;
  return svg(
    "svg",
    { width, height, role: "img", "aria-label": label },
    ...y.flatMap(({ at, value }) => [
      svg("path", { class: "grid", d: `M${left} ${at}H${right}` }),
      svg("text", { x: left - 5, y: at + 4, "text-anchor": "end" }, String(value)),
    ]),
    ...x.map(({ at, value }) =>
      svg("text", { x: at, y: bottom + 14, "text-anchor": "middle" }, value.toLocaleString("en")),
    ),
    svg("text", { x: width, y: bottom + 14, "text-anchor": "end" }, say("loss_steps")),
    svg("text", { x: 0, y: 10 }, say("loss_axis")),
    svg(
      "svg",
      inside,
      ...lines.flatMap((line) => [
        svg("path", { class: `line ${line.name}`, d: line.path, transform: shift }),
        svg("circle", { class: `end ${line.name}`, cx: line.x, cy: line.y, r: 2.5, transform: shift }),
      ]),
    ),
    ...lines.map((line, i) => {
      const isLate = line.frozen !== null && line.x > (left + right) / 2; // its long words go to the left of the rim
      const beside = isLate ? { x: width, "text-anchor": "end" } : { x: Math.min(line.x, right) + 6 };
      return svg("text", { ...beside, y: stands[i] + 4, class: "words" }, ends[i]);
    }),
  );
}

/**
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {(Node | string)[]} children
 * @returns {SVGElement}
 */
function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
