"""Every colour of the playground, once: for figures, and for the page's style sheet, made here. Imports nothing."""

CLASS_COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
"""Ten colours that colour-blind people can tell apart (Petroff 2021)."""

STANDARD = CLASS_COLOURS[0]
"""The standard variant; training data."""
NOTES = CLASS_COLOURS[6]
"""The notes' variant; held-out data."""
NEUTRAL = CLASS_COLOURS[3]
"""Priors and reference lines."""
HIGHLIGHT = "#a15fd0"
PATH = "#d6336c"
"""A path through a heat map."""

Scale = list[list[float | str]]
"""A colour scale as Plotly has it: [position from 0 to 1, colour] …"""

SCALES: dict[str, Scale] = {
    "heat": [[0.0, "#eef2f7"], [0.25, "#bcd8f0"], [0.6, STANDARD], [1.0, "#16324f"]],
    "diverging": [[0.0, NOTES], [0.5, "#f4f4f2"], [1.0, STANDARD]],
    "value": [[0.0, "#1b2a49"], [0.35, "#2f6690"], [0.7, "#7fb7be"], [1.0, "#fff3c4"]],
}
"""On light pages and in exported files; a trace names its scale in `meta`."""
DARK_SCALES: dict[str, Scale] = {
    "heat": [[0.0, "#222b38"], [0.25, "#1f4a75"], [0.6, STANDARD], [1.0, "#e3f1ff"]],
    "diverging": [[0.0, NOTES], [0.5, "#222b38"], [1.0, STANDARD]],
}
"""On dark pages, where they differ: from the colour of the page to what stands out from it."""

LIGHT = {
    "page": "#f8fafc", "card": "#ffffff", "ink": "#334155", "ink-soft": "#5b6676", "line": "#dfe4ec", "grid": "#e5e9f0",
    "accent": "#1d5fae", "accent-strong": "#174d8d", "lit": "#ffe9a8", "good": "#1a7f4b", "bad": "#b42318",
}  # fmt: skip
DARK = {
    "page": "#11151c", "card": "#1a202a", "ink": "#d5d9e0", "ink-soft": "#a3adbb", "line": "#2c3542", "grid": "#333c4a",
    "accent": "#6cb0ff", "accent-strong": "#2b74cc", "lit": "#5c4a12", "good": "#5fd39a", "bad": "#ff9b8f",
}  # fmt: skip
"""The page's own colours, by the names of its CSS variables."""


def css() -> str:
    """The palette as CSS variables: --ink, --standard, --class-0 …, and --scale-heat as the stops of a gradient."""
    data = {"standard": STANDARD, "notes": NOTES, "neutral": NEUTRAL, "highlight": HIGHLIGHT, "path": PATH}
    data |= {f"class-{i}": colour for i, colour in enumerate(CLASS_COLOURS)}
    return _block(":root", data | LIGHT, SCALES) + _block(".dark", DARK, DARK_SCALES)


def _block(selector: str, colours: dict[str, str], scales: dict[str, Scale]) -> str:
    lines = [f"--{name}: {colour};" for name, colour in colours.items()]
    for name, scale in scales.items():
        lines.append(f"--scale-{name}: " + ", ".join(f"{colour} {100 * float(at):g}%" for at, colour in scale) + ";")
    return f"{selector} {{ {' '.join(lines)} }}\n"
