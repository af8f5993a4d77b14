"""The command line: list, describe, train, previews. Bad input ends with one sentence and exit code 2."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from playground.concept import Concept, Config
from playground.concepts import CONCEPTS
from playground.data.mnist import DataMissing
from playground.engine import pre_trained
from playground.engine.checkpoints import pre_trained_path
from playground.engine.frame import Row
from playground.engine.run import Run
from playground.engine.worker import bind_to_one_thread
from playground.export import write_preview, write_run
from playground.wording import BadInput, UnknownField, near, parse_config

PREVIEWS = Path(__file__).resolve().parents[1] / "assets" / "previews"
DIVERGED = 1

app = typer.Typer(
    help="Train the playground's models without a browser: the same numbers, to the bit.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip
console = Console()
Slug = Annotated[str, typer.Argument(help="The concept's name, as `list` shows it.")]


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What the user got wrong comes out as a sentence, not as a traceback."""
    try:
        yield
    except (BadInput, DataMissing) as error:
        raise _refusal(str(error)) from None


def _refusal(sentence: str) -> typer.Exit:
    print(sentence, file=sys.stderr)
    return typer.Exit(2)


def _concept(slug: str) -> Concept:
    found = next((c for c in CONCEPTS if c.slug == slug), None)
    if found is None:
        raise _refusal(f"{slug}: there is no such concept; {near(slug, [c.slug for c in CONCEPTS])}")
    return found


@app.command("list")
def show_list() -> None:
    """Every concept with its tagline."""
    table = Table("slug", "title", "what it is", box=None, header_style="bold")
    for concept in CONCEPTS:
        table.add_row(concept.slug, concept.title, concept.tagline)
    console.print(table)


@app.command()
def describe(slug: Slug) -> None:
    """A concept's knobs with their bounds, presets, metrics, pictures and probes."""
    concept = _concept(slug)
    console.print(Markdown(f"# {concept.title}\n{concept.tagline}"))
    knobs = Table("knob", "default", "allowed", "what it does", title="Knobs", title_justify="left", box=None)
    for name, about in concept.config.model_json_schema()["properties"].items():
        knobs.add_row(name, str(about.get("default")), _allowed(about), about.get("description", ""))
    console.print(knobs)
    rows = {
        "Presets": [(p.name, f"{p.config}: {p.why}") for p in concept.presets],
        "Metrics": [(m.name, f"{m.explain} [{m.unit}]") for m in concept.metrics],
        "Pictures": [(v.name, v.caption_for(concept.config())) for v in concept.all_views],
        "Probes": [(p.name, p.caption) for p in concept.all_probes],
        "Challenges": [(c.name, f"{c.title}: {c.hint}") for c in concept.challenges],
    }
    for title, lines in rows.items():
        table = Table(title=title, title_justify="left", box=None, show_header=False)
        for line in lines:
            table.add_row(*line)
        console.print(table)


def _allowed(about: dict[str, Any]) -> str:
    if "enum" in about:
        return ", ".join(map(str, about["enum"]))
    return f"{about['minimum']:g} … {about['maximum']:g}" if "maximum" in about else about.get("type", "")


@app.command()
def train(
    slug: Slug,
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A knob; may repeat.")] = None,
    preset: Annotated[str, typer.Option(help="Start from this preset.")] = "",
    steps: Annotated[int | None, typer.Option(help="Optimiser steps, as --set steps=N.")] = None,
    seed: Annotated[int | None, typer.Option(help="As --set seed=S.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, the last with final: true.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for metrics, checkpoint and pictures.")] = None,
) -> None:
    """Trains a model to the end of its budget."""
    concept = _concept(slug)
    with _plain_errors():
        run = open_run(concept, _config(concept, set_ or [], preset, steps, seed))
    for step, metrics in _json_rows(run) if as_json else _shown_rows(run):
        if as_json:
            print(json.dumps({"step": step, "metrics": metrics}))
    if as_json:
        last = {"step": run.step, "metrics": run.latest, "final": True} | ({"frozen": run.frozen} if run.frozen else {})
        print(json.dumps(last | ({"error": run.error} if run.error else {})))
    else:
        _summary(run)
    if out is not None:
        try:
            made = write_run(run, out)
        except OSError as error:
            raise _refusal(f"--out: {out} can't be written: {error.strerror}.") from None
        print(f"wrote {len(made)} files to {out}", file=sys.stderr)
    if run.error:
        raise typer.Exit(DIVERGED)


@app.command()
def previews(
    slugs: Annotated[list[str] | None, typer.Argument(help="Which concepts; all when none is named.")] = None,
) -> None:
    """Trains the model of each tab's settings; stores its pictures in assets/previews, itself in assets/checkpoints."""
    for concept in [_concept(s) for s in slugs] if slugs else CONCEPTS:
        for setting in concept.all_settings:
            config = concept.pre_trained_config(setting.name)
            with _plain_errors():
                run = open_run(concept, config)
            for _ in _shown_rows(run):
                pass
            path = pre_trained_path(concept.slug, concept.pre_trained_setting(config))
            write_preview(run, PREVIEWS / f"{path.stem}.json")
            pre_trained.save(run, path)
            console.print(f"{path.stem}: pictures of step {run.step}")


def _config(concept: Concept, pairs: list[str], preset: str, steps: int | None, seed: int | None) -> Config:
    base: dict[str, Any] = {}
    if preset:
        found = concept.preset(preset)
        if found is None:
            raise UnknownField(f"--preset {preset}: no such preset; {near(preset, [p.name for p in concept.presets])}")
        base = found.config
    given: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UnknownField(f"--set {pair}: a knob is set as KEY=VALUE, such as --set seed=3.")
        given[key.strip()] = value.strip()
    given |= {k: v for k, v in (("steps", steps), ("seed", seed)) if v is not None}
    return parse_config(concept.config, given, base)


def open_run(concept: Concept, config: Config) -> Run:
    """A run as the app's workers make it: on one numeric thread, so the bits agree."""
    bind_to_one_thread()
    return Run(concept, config)


def _json_rows(run: Run) -> Iterator[Row]:
    while not (run.done or run.error):
        yield from run.advance(0.5).rows


def _shown_rows(run: Run) -> Iterator[Row]:
    """The rows, while a bar shows how far the run is (nothing moves where the output is no terminal)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(run.concept.slug, total=run.config.steps)
        while not (run.done or run.error):
            frame = run.advance(0.2)
            headline = next((m for m in run.concept.metrics if m.better and m.name in frame.latest), None)
            label = f"{headline.title} {frame.latest[headline.name]:.2f}" if headline else run.concept.slug
            progress.update(task, completed=frame.step, description=label)
            yield from frame.rows


def _summary(run: Run) -> None:
    table = Table("metric", "value", "unit", box=None, header_style="bold")
    for metric in run.concept.metrics:
        if metric.name in run.latest:
            value = run.latest[metric.name]
            table.add_row(metric.name, f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3e}", metric.unit)
    console.print(table)
    for arm, step in run.frozen.items():
        others = "" if run.error else " and is frozen there; the others trained on"
        console.print(f"{run.concept.arm_title(arm)} diverged at step {step}{others}.")
    console.print(f"step {run.step} of {run.config.steps}" + (f": {run.error}" if run.error else ""))
