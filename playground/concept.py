"""The vocabulary in which every tab is declared. Knows no network, picture library or user interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from playground.diagram import Diagram
from playground.knobs import Config, Knob, always
from playground.medium import PLOT, Figure, Medium

Metrics = Mapping[str, float]
"""Metric name → value, the names being those the concept declares."""

History = Mapping[str, tuple[list[int], list[float]]]
"""Metric name → (steps at which it was measured, its values)."""


class Question(BaseModel):
    """What a visitor asks of a live model; its fields become the probe's controls."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Refused(ValueError):
    """Input that can't be used; the message is one sentence for the visitor."""


Drawing = Annotated[str, Field(max_length=4_000_000, json_schema_extra={"format": "drawing"})]
"""A picture as a `data:image/…;base64,` URL; the control is a pad to draw on."""


Sound = Annotated[str, Field(max_length=14_000_000, json_schema_extra={"format": "sound"})]
"""A sound file as a `data:…;base64,` URL; the control takes a file."""


def thumbnails(sheet: Mapping[str, Any] | None) -> dict[str, Any]:
    """For the `json_schema_extra` of a number that is chosen by a picture.

    sheet: {"file": in `assets/`, "columns": pictures a row, "cell": pixels}; None: there is none, it stays a number
    """
    return {"format": "thumbnails", "sheet": dict(sheet)} if sheet else {}


@runtime_checkable
class Experiment(Protocol):
    """One training run: no clock, thread, figure or user interface.

    Built by `concept.experiment(config)` right after the engine has seeded torch, numpy and random
    with `config.seed`; it draws from those global generators, which the engine swaps around it.
    """

    def step(self) -> dict[str, float]:
        """Takes ONE optimiser step and returns what was measured on it (a subset of the declared metrics)."""
        ...

    def update_live(self, config: Any) -> None:
        """Takes over a config that differs in live knobs only."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Everything that the future depends on, but for the global random state (the engine's)."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Metric:
    name: str
    """As in CSV headers and the CLI, such as "heldout/kl"."""
    title: str
    unit: str = ""
    better: Literal["lower", "higher", ""] = ""
    explain: str = ""
    """One sentence: what it measures."""
    hidden: bool = False
    """Recorded, but not shown in the strip above the pictures."""


@dataclass(frozen=True, kw_only=True)
class View:
    """A figure of the live model. `draw` is pure: it changes neither the experiment nor the random state."""

    name: str
    title: str
    caption: str | Callable[[Any], str]
    """One sentence under the figure (or what makes it of the config): what to watch; also for screen readers."""
    draw: Callable[[Any, History], Figure]
    every: int = 1
    """Steps between two drawings, at least."""
    rest: float = 0.0
    """Seconds between two drawings, at least."""
    while_training: bool = True
    """False: it is drawn only once the run pauses or ends."""
    place: Literal["hero", "support", "wide", "more"] = "support"
    """The one large figure; small ones beside it ("wide": two cells); those below the fold."""
    medium: Medium = PLOT
    applies_to: Callable[[Any], bool] = always
    """The configs of whose models it can be drawn; with others it is not shown."""

    def caption_for(self, config: Any) -> str:
        return self.caption if isinstance(self.caption, str) else self.caption(config)


FromClick = Callable[[Any, float, float], dict[str, Any]]
"""(experiment, x, y) of a click in a view's axes → fields of a question; raises `Refused`."""


def as_xy(experiment: Any, x: float, y: float) -> dict[str, Any]:
    """Of a question that asks about a point."""
    return {"x": x, "y": y}


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A question the visitor puts to the live model. `ask` is pure, as `View.draw` is."""

    name: str
    title: str
    caption: str
    question: type[Question]
    ask: Callable[[Any, Any], Figure]
    """(experiment, question) → figure; raises `Refused` with a sentence."""
    clicks: Mapping[str, FromClick] = field(default_factory=dict)
    """Name of a view in which a click asks the question → what makes fields of it; the others stay as asked last."""
    drags: frozenset[str] = frozenset()
    """Those of these views in which it is asked all along a drag, not only on a click."""
    medium: Medium = PLOT
    live: bool = True
    """Whether a question is asked again while the model trains on; else its answer is greyed and says of which step
    it is."""
    button: str = "Ask"
    """What is written on the button that asks."""
    bounds: Callable[[Any], Mapping[str, tuple[float, float]]] | None = None
    """config → fields of the question whose bounds are narrower for its model: no fifth head of four."""
    prepare: Callable[[Any], Any] | None = None
    """question → what `ask` gets in its place: slow work that needs no model, such as reading a sound. It is done in a
    process of its own, so that no training waits; raises `Refused`."""
    applies_to: Callable[[Any], bool] = always
    """The configs to whose models it can be put; with others it is not shown."""


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A symbol that the formulas, the code and the figures share; pointing at one lights up the others."""

    name: str
    """As in `\\sym{name}{…}` in the lesson."""
    glyph: str
    meaning: str
    code: tuple[str, ...] = ()
    """Identifiers in the shown source that stand for it."""
    views: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preset:
    name: str
    """As in `--preset NAME` and the URL."""
    title: str
    config: dict[str, Any]
    why: str
    """What to expect, and the reason."""


@dataclass(frozen=True, kw_only=True)
class Challenge:
    title: str
    hint: str
    solved: Callable[[Metrics], bool]
    """Latest value of each metric → whether the run has done it; a metric not measured yet is absent."""
    applies_to: Callable[[Any], bool] = always
    """The configs on which it counts."""
    from_step: int = 0
    """Step from which it counts: what an untrained model does is no achievement."""


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One tab."""

    package: str
    """Dotted name of its package, which also holds `lesson.md` and, if it has media of its own, the folder `static`."""
    slug: str
    title: str
    tagline: str
    config: type[Config]
    experiment: Callable[[Any], Experiment]
    metrics: tuple[Metric, ...]
    views: tuple[View, ...]
    code: tuple[str, ...] = ()
    """What of the running source the page shows, as "module:name" or "module:Class.method": the training step first,
    then what it calls. A module without a dot is one of the package's own."""
    probes: tuple[Probe, ...] = ()
    presets: tuple[Preset, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    diagram: Callable[[Any], Diagram] | None = None
    """config → the network of its model and what a step does with it, for slow motion."""
    preload: tuple[str, ...] = ()
    """Modules of the package that worker processes import before the first run."""
    warm_up: Callable[[], Any] | None = None
    """Called once the server stands, in the process that prepares questions: what takes long on its first call."""

    @property
    def folder(self) -> Path:
        spec = find_spec(self.package)
        assert spec and spec.origin, f"{self.package} is no package"
        return Path(spec.origin).parent

    @property
    def lesson(self) -> str:
        """Markdown with formulas for KaTeX; `\\sym{name}{…}` marks a symbol."""
        return (self.folder / "lesson.md").read_text(encoding="utf-8")

    def preset(self, name: str) -> Preset | None:
        return next((preset for preset in self.presets if preset.name == name), None)

    def preset_config(self, preset: Preset) -> Config:
        return self.config(**self.config.with_followers(preset.config))

    def views_for(self, config: Any) -> tuple[View, ...]:
        return tuple(view for view in self.views if view.applies_to(config))

    def probes_for(self, config: Any) -> tuple[Probe, ...]:
        return tuple(probe for probe in self.probes if probe.applies_to(config))

    def hidden_for(self, config: Any) -> list[str]:
        """Names of the views and probes that don't apply to a config."""
        views = [view.name for view in self.views if not view.applies_to(config)]
        return views + [probe.name for probe in self.probes if not probe.applies_to(config)]

    def hidden_knobs(self, config: Any) -> list[str]:
        """Names of the knobs that do nothing in a config."""
        fields = self.config.model_fields.items()
        return [name for name, field in fields if not Knob.of(field).applies_to(config)]

    @property
    def media(self) -> dict[str, Medium]:
        """The media of its views and probes, by name."""
        used = [view.medium for view in self.views] + [probe.medium for probe in self.probes]
        return {medium.name: medium for medium in used}


def lazy(package: str, module: str, name: str) -> Callable[..., Any]:
    """A function of a concept's module that is imported on its first call: the page's server needs no torch."""

    def call(*args: Any) -> Any:
        return getattr(import_module(f"{package}.{module}"), name)(*args)

    return call
