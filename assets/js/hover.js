// What the pointer brings out of a chart; with live_plot.js.
let tip = null, halo = null, links = null, linked = null;

function overlay(kind) {
  const made = document.createElement("div");
  made.className = kind;
  plot.appendChild(made);
  return made;
}

function showHover(event) {
  const point = event.points && event.points[0], meta = plot.layout && plot.layout.meta;
  if (!point || !meta) return;
  if (meta.sprite && Array.isArray(point.customdata)) showSample(point, event.event, meta.sprite);
  if (meta.links && point.data.type === "heatmap") showLinks(point);
}

function hideHover() {
  for (const shown of [tip, halo, links]) if (shown) shown.style.display = "none";
}

// The sample under the pointer, from one sheet of them all, and the spread of its code: customdata is [index, σx, σy].
function showSample(point, pointer, sprite) {
  tip ||= overlay("digit-tip");
  halo ||= overlay("sigma-halo");
  const cell = 2 * sprite.cell, [index, across, along] = point.customdata;
  const { xaxis, yaxis, _size: { l, t } } = plot._fullLayout;
  const [left, right] = [point.x - across, point.x + across].map((x) => l + xaxis.d2p(x));
  const [bottom, top] = [point.y - along, point.y + along].map((y) => t + yaxis.d2p(y));
  Object.assign(halo.style, {
    display: "block", left: left + "px", top: top + "px", width: right - left + "px", height: bottom - top + "px",
  });
  const box = plot.getBoundingClientRect();
  Object.assign(tip.style, {
    display: "block", width: cell + "px", height: cell + "px",
    left: Math.min(pointer.clientX - box.left + 14, box.width - cell - 4) + "px",
    top: Math.max(pointer.clientY - box.top - cell - 10, 0) + "px",
    backgroundImage: `url("${window.playground.assets}/${sprite.file}")`,
    backgroundSize: sprite.columns * cell + "px auto",
    backgroundPosition: `-${(index % sprite.columns) * cell}px -${Math.floor(index / sprite.columns) * cell}px`,
  });
}

// From the token of a row (left) to those it looks at (above): the wider and darker a line, the larger its weight.
function showLinks({ curveNumber, pointNumber: [row, column] }) {
  const weights = plot.data[curveNumber].z[row];
  if (!weights) return hideHover();
  links ||= overlay("links");
  linked = { curveNumber, pointNumber: [row, column] };
  const { xaxis, yaxis } = plot._fullLayout, { _offset: left, _length: wide } = xaxis, top = yaxis._offset;
  const y = top + yaxis.d2p(row), cell = Math.abs(yaxis.d2p(1) - yaxis.d2p(0));
  const line = (weight, key) => {
    if (!(weight >= 0.02)) return "";
    const x = left + xaxis.d2p(key);
    return `<path d="M${left} ${y} Q${x} ${y} ${x} ${top}" stroke-width="${1 + 5 * weight}"`
      + ` opacity="${0.25 + 0.75 * weight}"${key === column ? ' class="near"' : ""}/>`;
  };
  const frame = `<rect x="${left}" y="${y - cell / 2}" width="${wide}" height="${cell}"/>`;
  links.innerHTML = `<svg width="100%" height="100%">${frame}${Array.from(weights, line).join("")}</svg>`;
  links.style.display = "block";
}

// The map goes on moving under a resting pointer.
function refreshHover() {
  if (links && links.style.display === "block") showLinks(linked);
}
