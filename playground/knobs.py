"""What a visitor may set of a run: its knobs, the bounds of each, and the limits that several have together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic.fields import FieldInfo

from playground.words import Words, say

Model = TypeVar("Model", bound=BaseModel)
ANY_COST = "any cost"
"""Validation context in which each field's own bounds are checked, and the limits are not."""


def always(config: Any) -> bool:
    """Of what applies to every config."""
    return True


@dataclass(frozen=True, kw_only=True)
class Knob:
    """How a config field shows as a control; its bounds live in `Field`, its title and help in the tab's words."""

    symbol: str = ""
    """The glyph it has in lesson and code, such as "β"."""
    live: bool = False
    """May change in mid-run; the others take effect on the next start."""
    advanced: bool = False
    """Folded away until asked for."""
    in_picture: bool = False
    """Set in a picture, by drawing or by dragging a handle: it has no control of its own."""
    log: bool = False
    """Its useful values span orders of magnitude."""
    aliases: tuple[str, ...] = ()
    """Names that it had in older links."""
    value_aliases: Mapping[str, str] = field(default_factory=dict)
    """Names that its choices had in older links → their names now."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """Choice → its title, from the tab's words; a choice without one shows its name."""
    applies_to: Callable[[Any], bool] = always
    """The configs in which it does something; with others it is not shown."""
    costly: bool | tuple[Any, ...] = False
    """The cost of a step or build depends on it: a test tries its bounds, or these of its choices."""
    follows: str = ""
    """Name of the knob whose value it takes where that one is given and it is not: older links did not know it."""

    @classmethod
    def of(cls, field: FieldInfo) -> Knob:
        return next((m for m in field.metadata if isinstance(m, cls)), cls())


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The largest cost that several fields may have together; the cost grows with each of them."""

    lower: tuple[str, ...]
    """Names of the fields, in the order in which they are lowered."""
    factors: tuple[str, ...]
    """Names of the fields whose product is the cost; one that counts twice stands twice."""
    most: int
    when: str = ""
    """The configs that it applies to, in words: "for digits"."""
    applies_to: Callable[[Any], bool] = always

    written: str = ""
    """How the product is written where it is no plain one; a name in braces stands for the title of that field."""

    def cost(self, config: Any) -> int:
        return math.prod(getattr(config, name) for name in self.factors)

    def allows(self, config: Any) -> bool:
        return not self.applies_to(config) or self.cost(config) <= self.most

    def rule(self, model: type[BaseModel]) -> str:
        """ "Batch size × D steps may be at most 256 for digits"."""
        key = "knobs.limit_when" if self.when else "knobs.limit"
        return say(key, product=self.name(model), most=self.most, when=self.when)

    def refusal(self, config: BaseModel) -> str:
        """What is wrong, which value, the limit, and what to do next."""
        model = type(config)
        ways = {name: self.highest(config, name) for name in self.lower}
        advice = [
            say("knobs.way", title=title(model, name), value=value) for name, value in ways.items() if value is not None
        ]
        if not advice:
            advice = [say("knobs.and").join(title(model, name) for name in self.lower)]
        return say(
            "knobs.beyond_when" if self.when else "knobs.beyond", product=self.name(model), cost=self.cost(config),
            when=self.when, most=self.most, ways=say("knobs.or").join(advice),
        )  # fmt: skip

    def highest(self, config: BaseModel, name: str) -> int | None:
        """The highest value of a field with which the others can stay as they are."""
        tried = reversed(values_up_to(config, name))
        return next((v for v in tried if self.allows(config.model_copy(update={name: v}))), None)

    def lowered(self, config: Model) -> Model:
        """The config with its fields lowered, one after the other, until it is allowed."""
        for name in self.lower:
            if not self.allows(config):
                found = self.highest(config, name)
                value = values_up_to(config, name)[0] if found is None else found
                config = config.model_copy(update={name: value})
        return config

    def name(self, model: type[BaseModel]) -> str:
        """ "Batch size × D steps": the product with the titles of its fields."""
        product = self.written or " × ".join(f"{{{name}}}" for name in self.factors)
        return product.format(**{name: title(model, name) for name in model.model_fields})


def title(model: type[BaseModel], name: str) -> str:
    """A field's title as its control shows it."""
    return model.model_fields[name].title or name.replace("_", " ").capitalize()


def values_up_to(config: BaseModel, name: str) -> range:
    """The allowed values of a whole-number field up to the one that it has."""
    metadata = type(config).model_fields[name].metadata
    lowest = next(m.ge for m in metadata if hasattr(m, "ge"))
    step = next((m.multiple_of for m in metadata if hasattr(m, "multiple_of")), 1)
    return range(-(-lowest // step) * step, getattr(config, name) + 1, step)


class Worded(BaseModel):
    """A model whose fields get their titles and help texts from the words of a tab, where these have some."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
    words: ClassVar[Words] = Words({})
    """Field name → title, help and, of a choice, the titles of its choices."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        found = {name: about for name, about in cls.model_fields.items() if cls.words.find(name)}
        for name, about in found.items():
            texts = cls.words.part(name)
            about.title, about.description = texts.find("title", about.title), texts.find("help", about.description)
            choices = texts.find("choices", {})
            if choices:
                rest = [m for m in about.metadata if not isinstance(m, Knob)]
                about.metadata = [*rest, replace(Knob.of(about), choices=choices)]
        if found:
            cls.model_rebuild(force=True)


class Config(Worded):
    """What defines a run. One declaration makes the control, the validation, the CLI option and the URL parameter."""

    limits: ClassVar[tuple[Limit, ...]] = ()
    """Bounds on the cost of a step, besides the bounds of each field."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1), Knob(advanced=True)] = 0
    """Seed of every random draw: the same seed and knobs give the same run, to the bit."""
    steps: Annotated[int, Field(ge=1, le=100_000), Knob(live=True, advanced=True)] = 2000
    """The run stops after so many optimiser steps; raise it and the run can go on. It changes nothing of a step."""

    @classmethod
    def live_fields(cls) -> set[str]:
        """Names of the knobs that may change in mid-run."""
        return {name for name, field in cls.model_fields.items() if Knob.of(field).live}

    @classmethod
    def in_picture_fields(cls) -> set[str]:
        """Names of the knobs that are set in a picture."""
        return {name for name, field in cls.model_fields.items() if Knob.of(field).in_picture}

    @classmethod
    def most_steps(cls) -> int:
        """The largest budget that a run may have."""
        return int(next(m.le for m in cls.model_fields["steps"].metadata if hasattr(m, "le")))

    def changed_from(self, older: Config, *, live: bool) -> list[str]:
        """Names of the live knobs (else of the others) that differ from another config's."""
        names = [name for name in type(self).model_fields if (name in self.live_fields()) == live]
        return [name for name in names if getattr(self, name) != getattr(older, name)]

    def with_live(self, newer: Config) -> Self:
        """A run's config with the live knobs of a newer one, lowered where its other knobs leave no room for them."""
        return self.nearest(self.model_dump() | {name: getattr(newer, name) for name in self.live_fields()})[0]

    @classmethod
    def with_followers(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Given values, and the same value for each knob that follows a given one and is not given itself."""
        leaders = {name: Knob.of(field).follows for name, field in cls.model_fields.items()}
        return {name: given[leader] for name, leader in leaders.items() if leader in given} | dict(given)

    def as_link(self) -> dict[str, Any]:
        """What differs from the defaults, and what follows such a knob: read back, these values give this config."""
        values, differs = self.model_dump(), self.model_dump(exclude_defaults=True)
        return {
            k: v for k, v in values.items() if k in differs or Knob.of(type(self).model_fields[k]).follows in differs
        }

    @model_validator(mode="after")
    def _within_limits(self, info: ValidationInfo) -> Self:
        broken = [] if info.context == ANY_COST else [limit for limit in self.limits if not limit.allows(self)]
        if broken:
            raise ValueError(broken[0].refusal(self))
        return self

    @classmethod
    def nearest(cls, given: Mapping[str, Any]) -> tuple[Self, list[str]]:
        """The allowed config nearest to values that pass each field's bounds, and a sentence for each lowered field.

        Raises ValidationError for a value that its own field does not allow.
        """
        config = cls.model_validate(given, context=ANY_COST)
        sentences = []
        for limit in cls.limits:
            before, config = config, limit.lowered(config)
            for name in limit.lower:
                old, new = getattr(before, name), getattr(config, name)
                if old != new:
                    why = limit.rule(cls)
                    sentences.append(say("knobs.lowered", title=title(cls, name), old=old, new=new, why=why))
        return config, sentences
