"""A finished run as files: metrics.csv, a safetensors checkpoint, config.json, each view as a web page. No terminal."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import torch
from plotly.io import write_html
from safetensors.torch import save_file

from playground.engine.run import Run


def write_run(run: Run, folder: Path) -> list[Path]:
    """Writes everything about a run; answers the files made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [folder / "config.json", folder / "metrics.csv", folder / "checkpoint.safetensors"]
    about = {"concept": run.concept.slug, "step": run.step, "error": run.error}
    made[0].write_text(json.dumps({**about, "config": run.config.model_dump()}, indent=2) + "\n", encoding="utf-8")
    write_metrics(run, made[1])
    save_file(tensors(run.experiment.state_dict()), made[2], metadata={k: str(v) for k, v in about.items()})
    return made + write_views(run, folder)


def write_metrics(run: Run, path: Path) -> None:
    """One row a step, one column a metric; a cell is empty where nothing was measured."""
    names = [m.name for m in run.concept.metrics if m.name in run.history]
    rows: dict[int, dict[str, float]] = {}
    for name in names:
        for step, value in zip(*run.history[name], strict=True):
            rows.setdefault(step, {})[name] = value
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["step", *names])
        table.writeheader()
        table.writerows({"step": step, **rows[step]} for step in sorted(rows))


def tensors(state: Any, prefix: str = "") -> dict[str, torch.Tensor]:
    """The tensors in a nested state, by dotted path; what is no tensor is left out."""
    if isinstance(state, torch.Tensor):
        return {prefix: state.detach().contiguous().clone()}
    items = state.items() if isinstance(state, dict) else enumerate(state) if isinstance(state, list | tuple) else ()
    found: dict[str, torch.Tensor] = {}
    for key, value in items:
        found |= tensors(value, f"{prefix}.{key}" if prefix else str(key))
    return found


def write_views(run: Run, folder: Path) -> list[Path]:
    """Each figure as a file: plots as pages that share one plotly.js, others as their medium exports them."""
    made = []
    drawn = figures(run)
    for view in run.concept.all_views:
        if view.name not in drawn:
            continue
        if view.medium.is_chart:
            made.append(folder / f"{view.name}.html")
            write_html(drawn[view.name], made[-1], include_plotlyjs="directory", validate=False)
        elif view.medium.export:
            suffix, content = view.medium.export(drawn[view.name])
            made.append(folder / (view.name + suffix))
            made[-1].write_bytes(content)
    return made


def figures(run: Run) -> dict[str, Any]:
    """View name → figure, for every view that can be drawn now."""
    drawn = {view.name: run.render(view) for view in run.concept.views_for(run.config)}
    return {name: json.loads(text) for name, text in drawn.items() if text is not None}


def write_preview(run: Run, path: Path) -> None:
    """The figures of a pre-trained model, with where they come from."""
    about = {"step": run.step, "config": run.config.model_dump(), "metrics": run.latest}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**about, "figures": figures(run)}, separators=(",", ":"), ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
