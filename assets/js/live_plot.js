// Runs once per LivePlot when it is mounted; `element`, `props`, `watch`, `trigger` are Gradio's.
const plot = element.querySelector(".plot");
const badge = element.querySelector(".badge");
const answersClicks = element.querySelector(".live-plot").dataset.clicks === "true";
let drawn = null, waiting = false, tip = null, picked = null, held = false;

const dark = () => document.body.classList.contains("dark");
const ready = new Promise((resolve) => {
  const look = () => (window.Plotly ? resolve() : setTimeout(look, 30));
  look();
});

const axisTheme = (axis, grid) => ({
  gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true, ...axis,
});

// The server sends data and axes; the colours of the chrome are the page's.
function themed(layout) {
  const ink = dark() ? "#d5d9e0" : "#334155", grid = dark() ? "#333c4a" : "#e5e9f0";
  const out = {
    autosize: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 8, t: 6, b: 6 }, hovermode: "closest",
    modebar: { orientation: "v", bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: ink }, ...layout,
    font: { color: ink, size: 12, family: "system-ui, sans-serif", ...(layout.font || {}) },
  };
  for (const key of Object.keys(layout)) if (/^[xy]axis\d*$/.test(key)) out[key] = axisTheme(layout[key], grid);
  out.xaxis = out.xaxis || axisTheme({}, grid);
  out.yaxis = out.yaxis || axisTheme({}, grid);
  if (picked) out.shapes = [...(layout.shapes || []), ...cross(ink)];
  delete out.width; delete out.height;
  return out;
}

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
  const value = props.value;
  if (!value || held || !plot.isConnected || plot.offsetWidth === 0) return;
  const mark = themeMark() + value;
  if (mark === drawn) return;
  drawn = mark;
  const figure = JSON.parse(value);
  const layout = figure.layout || {};
  badge.hidden = !(layout.meta && layout.meta.ready_made);
  const first = !plot._fullLayout;
  await window.Plotly.react(plot, figure.data, themed(layout), {
    displaylogo: false, responsive: true, displayModeBar: "hover",
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]],
  });
  plot.dataset.draws = String(Number(plot.dataset.draws || 0) + 1);
  element.querySelector(".live-plot").classList.add("drawn");
  if (first) { plot.dataset.mounts = String(Number(plot.dataset.mounts || 0) + 1); listen(); }
}

function schedule() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(draw);
}

function thumbnail(event) {
  const point = event.points && event.points[0];
  const sprite = plot.layout && plot.layout.meta && plot.layout.meta.sprite;
  if (!sprite || !point || typeof point.customdata !== "number") return;
  if (!tip) {
    tip = document.createElement("div");
    tip.className = "digit-tip";
    plot.appendChild(tip);
  }
  const cell = 2 * sprite.cell, index = point.customdata;
  const box = plot.getBoundingClientRect();
  Object.assign(tip.style, {
    display: "block", width: cell + "px", height: cell + "px",
    left: Math.min(event.event.clientX - box.left + 14, box.width - cell - 4) + "px",
    top: Math.max(event.event.clientY - box.top - cell - 10, 0) + "px",
    backgroundImage: `url("${window.playgroundAssets}/${sprite.file}")`,
    backgroundSize: sprite.columns * cell + "px auto",
    backgroundPosition: `-${(index % sprite.columns) * cell}px -${Math.floor(index / sprite.columns) * cell}px`,
  });
}

function listen() {
  plot.on("plotly_hover", thumbnail);
  plot.on("plotly_unhover", () => tip && (tip.style.display = "none"));
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

watch("value", schedule);
new ResizeObserver(() => {
  if (!plot._fullLayout) schedule();
  else if (plot.offsetWidth) window.Plotly.Plots.resize(plot);
}).observe(plot);
new MutationObserver(schedule).observe(document.body, { attributes: true, attributeFilter: ["class"] });
schedule();
