// A Plotly chart that stays mounted; after picture.js and hover.js.
const plot = element.querySelector(".plot");
const chips = element.querySelector(".chips");
const answersClicks = frame.dataset.clicks === "true";
let figure = null, drawn = null, waiting = false, picked = null, held = false;

const ready = new Promise((resolve) => {
  const look = () => (window.Plotly ? resolve() : setTimeout(look, 30));
  look();
});

const axisTheme = (axis, grid) => ({
  gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true, ...axis,
});

// The colour key of a busy picture: chips that switch traces off and on (Plotly's own legend costs as much as the rest).
const switched = new Map();
function key(figure) {
  const traces = figure.layout.meta && figure.layout.meta.chips ? figure.data.filter((t) => t.showlegend !== false) : [];
  for (const trace of traces) {
    if (!switched.has(trace.name)) switched.set(trace.name, trace.visible !== "legendonly");
    trace.visible = switched.get(trace.name);
  }
  const names = traces.map((trace) => trace.name);
  if (chips.dataset.names === names.join()) return;
  chips.dataset.names = names.join();
  chips.replaceChildren(...traces.map((trace) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = trace.name;
    chip.style.setProperty("--chip", (trace.marker || trace.line).color);
    chip.setAttribute("aria-pressed", switched.get(trace.name));
    chip.addEventListener("click", () => {
      switched.set(trace.name, !switched.get(trace.name));
      chip.setAttribute("aria-pressed", switched.get(trace.name));
      drawn = null;
      schedule();
    });
    return chip;
  }));
}

// Plotly's `uirevision` drops a zoom when the figure's own range moves on: here it stays until it is reset.
let zoomed = { of: undefined };
const isAxis = (key) => /^[xy]axis\d*$/.test(key);

function noteZoom(change) {
  const near = (a, b) => Math.abs(a - b) < 1e-6 * (1 + Math.abs(b));
  for (const key of new Set(Object.keys(change).map((name) => name.split(".")[0]))) {
    const axis = isAxis(key) && plot._fullLayout[key];
    if (!axis) continue;
    const home = axis.autorange || (near(axis.range[0], axis._rangeInitial0) && near(axis.range[1], axis._rangeInitial1));
    if (home) delete zoomed[key]; else zoomed[key] = [...axis.range];
  }
}

// The server sends data and axes; the colours of the chrome are the page's.
function themed(layout) {
  const ink = dark() ? "#d5d9e0" : "#334155", grid = dark() ? "#333c4a" : "#e5e9f0";
  const out = {
    autosize: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 8, t: 6, b: 6 }, hovermode: "closest",
    modebar: { orientation: "v", bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: ink }, ...layout,
    font: { color: ink, size: 12, family: "system-ui, sans-serif", ...(layout.font || {}) },
  };
  for (const key of Object.keys(layout)) if (isAxis(key)) out[key] = axisTheme(layout[key], grid);
  out.xaxis = out.xaxis || axisTheme({}, grid);
  out.yaxis = out.yaxis || axisTheme({}, grid);
  if (layout.uirevision !== zoomed.of) zoomed = { of: layout.uirevision };
  for (const key of Object.keys(zoomed)) if (isAxis(key)) out[key] = { ...out[key], range: zoomed[key], autorange: false };
  crowd(out);
  if (picked) out.shapes = [...(layout.shapes || []), ...cross(ink)];
  delete out.width; delete out.height;
  return out;
}

// A label for every cell is no help where cells are smaller than letters.
function crowd(layout) {
  const room = layout.meta && layout.meta.room, { l = 0, r = 0, t = 0, b = 0 } = layout.margin || {};
  for (const key of room ? Object.keys(layout).filter(isAxis) : []) {
    const [from, to] = layout[key].range || [0, 1], [low, high] = layout[key].domain || [0, 1];
    const length = (key[0] === "x" ? plot.offsetWidth - l - r : plot.offsetHeight - t - b) * (high - low);
    if (length / Math.abs(to - from) < room) layout[key] = { ...layout[key], showticklabels: false };
  }
}

// Heat maps run from the colour of the page to what stands out from it.
const NIGHT = {
  heat: [[0, "#222b38"], [0.25, "#1f4a75"], [0.6, "#3f90da"], [1, "#e3f1ff"]],
  diverging: [[0, "#e76300"], [0.5, "#222b38"], [1, "#3f90da"]],
};
const shaded = (data) => (dark() ? data.map((t) => (t.meta in NIGHT ? { ...t, colorscale: NIGHT[t.meta] } : t)) : data);

// Where the visitor clicked, marked until the next click.
function cross(colour) {
  const at = { xref: "x", yref: "y", xsizemode: "pixel", ysizemode: "pixel", xanchor: picked.x, yanchor: picked.y };
  const ring = { ...at, type: "circle", x0: -9, x1: 9, y0: -9, y1: 9, line: { color: colour, width: 2.5 } };
  return [ring, { ...ring, x0: -1.5, x1: 1.5, y0: -1.5, y1: 1.5 }];
}

const themeMark = () => (dark() ? "dark" : "light");

async function draw() {
  waiting = false;
  await ready;
  if (!figure || held || !plot.isConnected || plot.offsetWidth === 0) return;
  const mark = themeMark();
  if (drawn && drawn.figure === figure && drawn.mark === mark) return;
  drawn = { figure, mark };
  const layout = figure.layout || {};
  key(figure);
  frame.classList.toggle("large", Boolean(layout.meta && layout.meta.large));
  const first = !plot._fullLayout;
  await window.Plotly.react(plot, shaded(figure.data), themed(layout), {
    displaylogo: false, responsive: true, displayModeBar: "hover",
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]],
  });
  plot.dataset.draws = String(Number(plot.dataset.draws || 0) + 1);
  frame.classList.add("drawn");
  refreshHover();
  if (first) { plot.dataset.mounts = String(Number(plot.dataset.mounts || 0) + 1); listen(); }
}

function schedule() {
  if (waiting) return;
  waiting = true;
  window.playground.inTurn(draw);
}

function listen() {
  plot.on("plotly_relayout", noteZoom);
  plot.on("plotly_hover", showHover);
  plot.on("plotly_unhover", hideHover);
  // A redraw would break a drag off: it waits for the release, which Plotly lets be heard on the window only.
  plot.addEventListener("pointerdown", (event) => {
    const down = [event.clientX, event.clientY];
    held = true;
    const release = (up) => {
      for (const kind of ["pointerup", "pointercancel"]) window.removeEventListener(kind, release, true);
      setTimeout(() => { held = false; schedule(); });
      if (answersClicks && up.type === "pointerup") pick(up, down);
    };
    for (const kind of ["pointerup", "pointercancel"]) window.addEventListener(kind, release, true);
  }, true);
}

function pick(event, down) {
  if (Math.hypot(event.clientX - down[0], event.clientY - down[1]) > 4) return;
  const full = plot._fullLayout, box = plot.getBoundingClientRect();
  if (!full || !full.xaxis || !full.yaxis) return;
  const { l, t } = full._size;
  const px = event.clientX - box.left - l, py = event.clientY - box.top - t;
  if (px < 0 || py < 0 || px > full._size.w || py > full._size.h) return;
  const x = full.xaxis.p2d(px), y = full.yaxis.p2d(py);
  if (!Number.isFinite(x) || !Number.isFinite(y)) return;
  picked = { x, y };
  drawn = null;
  schedule();
  trigger("pick", { x, y });
}

receive((next) => { figure = next; schedule(); });
new ResizeObserver(() => {
  if (!plot._fullLayout) schedule();
  else if (plot.offsetWidth) window.Plotly.Plots.resize(plot);
}).observe(plot);
new MutationObserver(schedule).observe(document.body, { attributes: true, attributeFilter: ["class"] });
