"""One tab as a whole: its settings, and what they have in common. Knows no network, picture library or page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from playground.diagram import Diagram
from playground.knobs import Config, Knob, always
from playground.medium import PLOT, Figure, Medium
from playground.vocabulary import (
    Challenge,
    Drawing,
    Drawn,
    Experiment,
    FromClick,
    History,
    Measurable,
    Metric,
    Metrics,
    Preset,
    Probe,
    Question,
    Refused,
    Sound,
    Symbol,
    View,
    as_xy,
    thumbnails,
)
from playground.words import Words, language, words

__all__ = [
    "Challenge",
    "Concept",
    "Config",
    "Drawing",
    "Drawn",
    "Experiment",
    "Figure",
    "FromClick",
    "History",
    "Knob",
    "Measurable",
    "Medium",
    "Metric",
    "Metrics",
    "PLOT",
    "Preset",
    "Probe",
    "Question",
    "Refused",
    "Setting",
    "Sound",
    "Symbol",
    "View",
    "as_xy",
    "lazy",
    "of_arms",
    "thumbnails",
]
"""The whole vocabulary, so that a tab's declaration imports it from one place."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One of several set-ups of a tab, such as points or digits: configs that have an experiment, views, probes and a
    pre-trained model of their own, in a sub-package."""

    name: str
    """As in the file of its pre-trained model; "" of a tab without settings."""
    title: str = ""
    applies_to: Callable[[Any], bool] = always
    """The configs that are in it; each config is in exactly one setting of its tab."""
    config: dict[str, Any] = field(default_factory=dict)
    """Knobs of its pre-trained model, besides the defaults."""
    experiment: Callable[[Any], Experiment]
    code: tuple[str, ...] = ()
    """What of the running source the page shows, as "module:name" or "module:Class.method": the training step first,
    then what it calls. A module is one of the tab's own package, or starts with "models."."""
    views: tuple[View, ...] = ()
    probes: tuple[Probe, ...] = ()
    diagram: Callable[[Any], Diagram] | None = None
    """config → the network of its model and what a step does with it, for slow motion."""


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One tab. What its settings have in common stands here; a tab without settings is declared here whole."""

    package: str
    """Dotted name of its package, which also holds `lesson.md`, its words, and the folder `static` if it has media of
    its own."""
    slug: str
    title: str = ""
    tagline: str = ""
    config: type[Config]
    settings: tuple[Setting, ...] = ()
    experiment: Callable[[Any], Experiment] | None = None
    """Of a tab without settings."""
    metrics: tuple[Metric, ...]
    views: tuple[View, ...] = ()
    code: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    diagram: Callable[[Any], Diagram] | None = None
    arms: tuple[str, ...] = ()
    """Names of the networks that an experiment trains in lock-step; `ARM/…` is a metric of one."""
    presets: tuple[Preset, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    preload: tuple[str, ...] = ()
    """Modules of the package that worker processes import before the first run."""
    warm_up: Callable[[], Any] | None = None
    """Called once the server stands, in the process that prepares questions: what takes long on its first call."""

    def __post_init__(self) -> None:
        for name, value in worded(self, words(self.package)).items():
            object.__setattr__(self, name, value)

    @property
    def folder(self) -> Path:
        spec = find_spec(self.package)
        assert spec and spec.origin, f"{self.package} is no package"
        return Path(spec.origin).parent

    @property
    def words(self) -> Words:
        return words(self.package)

    @property
    def lesson(self) -> str:
        """Markdown with formulas for KaTeX, in the server's language; `\\sym{name}{…}` marks a symbol."""
        translated = self.folder / f"lesson.{language()}.md"
        path = translated if translated.exists() else self.folder / "lesson.md"
        return path.read_text(encoding="utf-8")

    @property
    def all_settings(self) -> tuple[Setting, ...]:
        """Its settings, or the only one of a tab that declares none."""
        if self.settings:
            return self.settings
        assert self.experiment, f"{self.slug} has neither settings nor an experiment"
        return (Setting(name="", experiment=self.experiment),)

    def setting_of(self, config: Any) -> Setting:
        return next(setting for setting in self.all_settings if setting.applies_to(config))

    def build(self, config: Any) -> Experiment:
        """The experiment of a config, right after the engine has seeded the random generators."""
        return self.setting_of(config).experiment(config)

    def code_for(self, config: Any) -> tuple[str, ...]:
        """References to the source of its training step and what that calls."""
        return self.setting_of(config).code + self.code

    @property
    def all_code(self) -> tuple[str, ...]:
        """The source of all settings, each part once."""
        settings = [reference for setting in self.all_settings for reference in setting.code]
        return tuple(dict.fromkeys([*settings, *self.code]))

    @property
    def all_views(self) -> tuple[View, ...]:
        """Those of all settings, each once."""
        return _each_once([*(view for setting in self.all_settings for view in setting.views), *self.views])

    @property
    def all_probes(self) -> tuple[Probe, ...]:
        """Those of all settings, each once."""
        return _each_once([*(probe for setting in self.all_settings for probe in setting.probes), *self.probes])

    def preset(self, name: str) -> Preset | None:
        return next((preset for preset in self.presets if preset.name == name), None)

    def preset_config(self, preset: Preset) -> Config:
        return self.config(**self.config.with_followers(preset.config))

    def pre_trained_setting(self, config: Any) -> str:
        """The setting of a config as it stands in the name of its pre-trained model: "" for the first one."""
        setting = self.setting_of(config)
        return "" if setting.name == self.all_settings[0].name else setting.name

    def pre_trained_config(self, setting: str) -> Config:
        """The config of a setting's pre-trained model. setting: as `pre_trained_setting` gives it"""
        settings = self.all_settings
        found = next((s for s in settings if s.name == setting), settings[0])
        return self.config(**self.config.with_followers(found.config))

    def arm_title(self, arm: str) -> str:
        return self.words(f"arms.{arm}")

    def diagram_for(self, config: Any) -> Diagram | None:
        make = self.setting_of(config).diagram or self.diagram
        return make(config) if make else None

    def views_for(self, config: Any) -> tuple[View, ...]:
        offered = self.setting_of(config).views + self.views
        return tuple(view for view in offered if view.applies_to(config))

    def probes_for(self, config: Any) -> tuple[Probe, ...]:
        offered = self.setting_of(config).probes + self.probes
        return tuple(probe for probe in offered if probe.applies_to(config))

    def hidden_for(self, config: Any) -> list[str]:
        """Names of the views and probes that don't apply to a config."""
        shown = {view.name for view in self.views_for(config)} | {probe.name for probe in self.probes_for(config)}
        names = [*(view.name for view in self.all_views), *(probe.name for probe in self.all_probes)]
        return [name for name in names if name not in shown]

    def hidden_knobs(self, config: Any) -> list[str]:
        """Names of the knobs that do nothing in a config."""
        fields = self.config.model_fields.items()
        return [name for name, field in fields if not Knob.of(field).applies_to(config)]

    @property
    def media(self) -> dict[str, Medium]:
        """The media of its views and probes, by name."""
        used = [view.medium for view in self.all_views] + [probe.medium for probe in self.all_probes]
        return {medium.name: medium for medium in used}


Declared = TypeVar("Declared", View, Probe, Preset, Challenge, Symbol)


def worded(concept: Concept, say: Words) -> dict[str, Any]:
    """The fields of a concept, with the texts of its words where it gives none itself."""
    given = {name: getattr(concept, name) or say.find(name, "") for name in ("title", "tagline")}
    settings = tuple(
        replace(
            _with_texts(setting, say.part(f"settings.{setting.name}")),
            views=_all_with_texts(setting.views, say.part("views")),
            probes=_all_with_texts(setting.probes, say.part("probes")),
        )
        for setting in concept.settings
    )
    metrics = tuple(_metric_with_texts(metric, concept.arms, say) for metric in concept.metrics)
    return given | {
        "settings": settings, "metrics": metrics, "views": _all_with_texts(concept.views, say.part("views")),
        "probes": _all_with_texts(concept.probes, say.part("probes")),
        "presets": _all_with_texts(concept.presets, say.part("presets")),
        "challenges": _all_with_texts(concept.challenges, say.part("challenges")),
        "symbols": _all_with_texts(concept.symbols, say.part("symbols")),
    }  # fmt: skip


def _all_with_texts(declared: Iterable[Declared], say: Words) -> tuple[Declared, ...]:
    return tuple(_with_texts(one, say.part(one.name)) for one in declared)


TEXTS = ("title", "caption", "unit", "explain", "why", "hint", "meaning", "button")
"""Fields of a declaration that visitors read."""

T = TypeVar("T")


def _each_once(declared: list[T]) -> tuple[T, ...]:
    """Several settings may have the same view."""
    return tuple(one for number, one in enumerate(declared) if one not in declared[:number])


def _with_texts(declared: T, say: Words) -> T:
    names = {f.name for f in fields(declared)} & set(TEXTS)  # type: ignore[arg-type] # they are all dataclasses
    missing = {name: say.find(name) for name in names if not getattr(declared, name)}
    return replace(declared, **{n: t for n, t in missing.items() if isinstance(t, str)})  # type: ignore[type-var]


def _metric_with_texts(metric: Metric, arms: tuple[str, ...], say: Words) -> Metric:
    """A metric of an arm has the texts of the metric, and the arm's name in its title."""
    arm, _, name = metric.name.partition("/")
    if arm not in arms or not name:
        return _with_texts(metric, say.part(f"metrics.{metric.name}"))
    plain = _with_texts(replace(metric, title=""), say.part(f"metrics.{name}"))
    return replace(plain, title=metric.title or say("arms.metric", arm=say(f"arms.{arm}"), metric=plain.title))


def of_arms(metrics: Iterable[Metric], arms: Iterable[str], shown: Iterable[str] = ()) -> tuple[Metric, ...]:
    """The metrics of each arm. shown: names of those that stand in the row above the pictures"""
    shown = set(shown)
    return tuple(
        replace(metric, name=f"{arm}/{metric.name}", hidden=metric.name not in shown)
        for arm in arms for metric in metrics
    )  # fmt: skip


def lazy(package: str, module: str, name: str) -> Callable[..., Any]:
    """A function of a concept's module that is imported on its first call: the page's server needs no torch."""

    def call(*args: Any) -> Any:
        return getattr(import_module(f"{package}.{module}"), name)(*args)

    return call
