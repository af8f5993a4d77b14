// The handles of a chart (`meta.handles`): they stand in the units of its axes.
import { pixelOf, valueAt } from "./handle_values.js";
import { Handles } from "./handles.js";

/** @typedef {import("./figure_meta.d.ts").HandleMeta} HandleMeta */
/** @typedef {import("./handle_values.js").PixelAxis} PixelAxis */

/**
 * @param {any} plot the element that Plotly draws in
 * @param {import("../medium_io.js").MediumIO} io
 * @returns {() => void} shows the handles of the figure that has been drawn
 */
export function plotHandles(plot, io) {
  const axesOf = (/** @type {HandleMeta} */ about) => pixelAxes(plot._fullLayout, about);
  const handles = new Handles(plot, io, {
    toPixels: ({ x, y }, about) => {
      const axes = axesOf(about);
      return axes && [pixelAt(x, axes.x), pixelAt(y, axes.y)];
    },
    toValue: ([left, top], about) => {
      const axes = axesOf(about);
      return axes ? { x: valueAt(left, axes.x), y: valueAt(top, axes.y) } : {};
    },
  });
  for (const kind of ["plotly_relayout", "plotly_relayouting"]) plot.on(kind, () => handles.place());
  return () => handles.show(plot.layout?.meta?.handles ?? []);
}

/**
 * @param {number | undefined} value undefined: the middle
 * @param {PixelAxis} axis
 * @returns {number} a handle that a zoom has left outside stands at the edge, where it can be reached
 */
export function pixelAt(value, axis) {
  const { offset, length } = axis;
  if (value === undefined) return offset + length / 2;
  return Math.min(offset + length, Math.max(offset, pixelOf(value, axis)));
}

/**
 * @param {any} fullLayout Plotly's
 * @param {HandleMeta} about
 * @returns {{x: PixelAxis, y: PixelAxis} | null} of the axes on which the handle stands
 */
export function pixelAxes(fullLayout, { xaxis = "x", yaxis = "y" }) {
  const [across, along] = [xaxis, yaxis].map((name) => fullLayout?.[`${name[0]}axis${name.slice(1)}`]);
  if (!across || !along) return null;
  const { _offset: left, _length: width, range: xRange } = across;
  const { _offset: top, _length: height, range: yRange } = along;
  const [x, y] = [ends(across, xRange), ends(along, [yRange[1], yRange[0]])];
  return { x: { offset: left, length: width, ...x }, y: { offset: top, length: height, ...y } };
}

/**
 * @param {{type: string}} axis
 * @param {[number, number]} range of a logarithmic axis in powers of ten
 */
function ends({ type }, [from, to]) {
  const isLog = type === "log";
  return isLog ? { from: 10 ** from, to: 10 ** to, isLog } : { from, to, isLog };
}
