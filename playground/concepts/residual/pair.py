"""Views of and probes into a plain and a residual network, whatever they classify."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from playground.concept import Probe, Setting, View, lazy
from playground.concepts.residual.captions import of_activations, of_gradients
from playground.concepts.residual.config import blocks_of, is_images, is_pair, is_plane
from playground.concepts.residual.diagram import diagram
from playground.concepts.residual.media import COLUMNS
from playground.concepts.residual.questions import Cut, Follow, FollowPoint, Jacobian, Landscape, Lesions, Swap
from playground.concepts.residual.texts import say

_lazy = partial(lazy, __package__)


def _blocks(config: Any) -> dict[str, tuple[float, float]]:
    return {"block": (1, blocks_of(config.depth))}


def _neighbours(config: Any) -> dict[str, tuple[float, float]]:
    return {"block": (1, blocks_of(config.depth) - 1)}


HERO = View(name="columns", place="hero", draw=_lazy("columns", "columns"), medium=COLUMNS)
CHARTS = (
    View(name="losses", draw=_lazy("views", "losses"), every=5, place="wide"),
    View(name="gradients", draw=_lazy("views", "gradients"), every=10, place="wide", caption=of_gradients),
)
MORE = (
    View(name="branches", draw=_lazy("views", "branches"), every=10, place="more"),
    View(name="activations", draw=_lazy("views", "activations"), every=10, place="more", caption=of_activations),
)


def below(view: View, name: str) -> View:
    """The same picture below the fold, under another name: points of the plane have others to show above it."""
    words = say.part(f"views.{view.name}")
    return replace(view, name=name, place="more", title=words("title"), caption=view.caption or words("caption"))


CHARTS_BELOW = tuple(map(below, CHARTS, ("losses_below", "gradients_below")))

PROBES = (
    Probe(name="cut", question=Cut, ask=_lazy("cutting", "cut"), medium=COLUMNS),
    Probe(
        name="lesions", question=Lesions, ask=_lazy("lesions", "lesions"), bounds=_blocks, live=False,
        clicks={"branches": _lazy("lesions", "clicked_block")},
    ),
    Probe(
        name="swap", question=Swap, ask=_lazy("lesions", "swap"), bounds=_neighbours,
        applies_to=lambda config: config.depth >= 6,
    ),
    Probe(
        name="follow", question=Follow, ask=_lazy("following", "follow"),
        applies_to=lambda config: not is_plane(config),
    ),
    Probe(
        name="follow_point", question=FollowPoint, ask=_lazy("following", "follow"), applies_to=is_plane,
        clicks={view: _lazy("following", "clicked_example") for view in ("boundaries", "flow")},
    ),
    Probe(
        name="jacobian", question=Jacobian, ask=_lazy("jacobian", "jacobian"), bounds=_blocks,
        clicks={view: _lazy("jacobian", "clicked_block") for view in ("gradients", "gradients_below")},
        applies_to=lambda config: not is_images(config),
    ),
    Probe(name="landscape", question=Landscape, ask=_lazy("landscape", "landscape"), live=False),
)  # fmt: skip


def pair_setting(data: str, config: dict[str, Any], network: str, views: tuple[View, ...]) -> Setting:
    """The setting in which two networks are trained on some data.

    config: of the pre-trained networks; network: the function in `models.residual` that makes them
    """
    return Setting(
        name=data, applies_to=lambda c: is_pair(c) and c.data == data, config={"data": data, **config},
        views=views, probes=PROBES, diagram=diagram,
        experiment=_lazy("experiment", "PairExperiment"),
        code=(
            "experiment:PairExperiment.step",
            "learner:Learner.step",
            "models.residual:Block.forward",
            "models.residual:Block.shortcut",
            "models.residual:DeepNet.states",
            f"models.residual:{network}",
            "models.residual:initialise",
            "models.residual:survival",
        ),
    )  # fmt: skip
