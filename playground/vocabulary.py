"""The words in which a tab is declared: experiment, metric, view, probe, symbol, preset, challenge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import Field

from playground.knobs import Worded, always
from playground.medium import PLOT, Figure, Medium

Metrics = Mapping[str, float]
"""Metric name → value, the names being those the concept declares."""

History = Mapping[str, tuple[list[int], list[float]]]
"""Metric name → (steps at which it was measured, its values)."""

Drawn = Figure | Iterator[Figure]
"""One figure, or several in turn, each better than the last: parts of at most 0.1 s. Training may go on between two
parts, so what runs before the first one copies what it needs of the model: all parts show the same step."""


class Question(Worded):
    """What a visitor asks of a live model; its fields become the probe's controls."""


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

    Built by `concept.build(config)` right after the engine has seeded torch, numpy and random
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


@runtime_checkable
class Measurable(Protocol):
    """An experiment whose live knobs change what is measured at once, and not only with the next step."""

    def measure(self) -> dict[str, float]:
        """Metrics of the state as it stands; draws no random numbers and changes nothing."""
        ...


@dataclass(frozen=True, kw_only=True)
class Metric:
    name: str
    """As in CSV headers and the CLI, such as "heldout/kl"; of an arm "ARM/heldout/kl"."""
    title: str = ""
    """Titles, captions and the like are in the tab's words, and come from there where they are not given."""
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
    title: str = ""
    caption: str | Callable[[Any], str] = ""
    """Under the figure (or what makes it of the config): what is drawn, what to watch for; also for screen readers."""
    draw: Callable[[Any, History], Drawn]
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
    title: str = ""
    caption: str = ""
    question: type[Question]
    ask: Callable[[Any, Any], Drawn]
    """(experiment, question) → figure; raises `Refused` with a sentence."""
    clicks: Mapping[str, FromClick] = field(default_factory=dict)
    """Name of a view in which a click asks the question → what makes fields of it; the others stay as asked last."""
    drags: frozenset[str] = frozenset()
    """Those of these views in which it is asked all along a drag, not only on a click."""
    medium: Medium = PLOT
    live: bool = True
    """Whether a question is asked again while the model trains on; else its answer is greyed and says of which step
    it is."""
    button: str = ""
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
    meaning: str = ""
    code: tuple[str, ...] = ()
    """Identifiers in the shown source that stand for it."""
    views: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preset:
    name: str
    """As in `--preset NAME` and the URL."""
    title: str = ""
    config: dict[str, Any]
    why: str = ""
    """What to expect, and the reason."""


@dataclass(frozen=True, kw_only=True)
class Challenge:
    name: str
    """Under which it is known to have been solved."""
    formerly: tuple[str, ...] = ()
    """Titles under which visitors' browsers have stored that they solved it."""
    title: str = ""
    hint: str = ""
    solved: Callable[[Metrics], bool]
    """Latest value of each metric → whether the run has done it; a metric not measured yet is absent."""
    applies_to: Callable[[Any], bool] = always
    """The configs on which it counts."""
    from_step: int = 0
    """Step from which it counts: what an untrained model does is no achievement."""
