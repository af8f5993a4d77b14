// Short trails: from where points stood in the last figure to where they stand now.

/**
 * @param {any} before the figure that was shown
 * @param {any} now
 * @returns {any[]} a trace of lines for each trace of markers that both figures have
 */
export function trails(before, now) {
  if (!now.layout?.meta?.trails || before?.layout?.uirevision !== now.layout.uirevision) return [];
  return now.data.flatMap((/** @type {any} */ trace) => {
    const old = before.data.find((/** @type {any} */ one) => one.name === trace.name);
    if (trace.mode !== "markers" || old?.x?.length !== trace.x.length) return [];
    const joined = (/** @type {"x" | "y"} */ axis) =>
      trace[axis].flatMap((/** @type {number} */ at, /** @type {number} */ i) => [old[axis][i], at, null]);
    return [
      {
        type: "scatter",
        mode: "lines",
        x: joined("x"),
        y: joined("y"),
        line: { color: trace.marker.color, width: 1 },
        opacity: 0.5,
        hoverinfo: "skip",
        showlegend: false,
      },
    ];
  });
}
