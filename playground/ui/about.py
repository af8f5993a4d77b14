"""All that a tab shows of its declaration, as plain data; the browser fetches it on the tab's first visit."""

from __future__ import annotations

import json

from playground.concept import Concept, Probe, View
from playground.session.player import FULL_SPEED, SPEEDS
from playground.ui.declarations import (
    About,
    BoxOptions,
    ChallengeAbout,
    MetricAbout,
    PresetAbout,
    PreTrainedAbout,
    ProbeAbout,
    SpeedAbout,
)
from playground.ui.fields import controls
from playground.ui.sentences import say
from playground.ui.served import Served

PLACES = ("hero", "support", "wide", "more")


def about(concept: Concept, served: Served) -> About:
    views = {view.name: view for view in concept.all_views}
    probes = {probe.name: probe for probe in concept.all_probes}
    return About(
        slug=concept.slug,
        budget=concept.config().steps,
        speeds=[SpeedAbout(name=name, title=say(f"speed_{name}")) for name in SPEEDS],
        speed=FULL_SPEED,
        knobs=controls(concept.config),
        metrics=[
            MetricAbout(name=m.name, title=m.title, unit=m.unit, explain=m.explain)
            for m in concept.metrics if not m.hidden
        ],
        views=[
            box(concept, view, served) for view in sorted(views.values(), key=lambda view: PLACES.index(view.place))
        ],
        probes=[asked(concept, probe, served) for probe in probes.values()],
        presets=[
            PresetAbout(name=p.name, title=p.title, why=p.why, knobs=concept.preset_config(p).model_dump())
            for p in concept.presets
        ],
        challenges=[
            ChallengeAbout(name=c.name, title=c.title, hint=c.hint, formerly=list(c.formerly))
            for c in concept.challenges
        ],
        pre_trained=pre_trained(concept, served),
    )  # fmt: skip


def pre_trained(concept: Concept, served: Served) -> dict[str, PreTrainedAbout]:
    """The pictures of the pre-trained models, of those settings that have some; the first setting's name is ""."""
    names = ["", *(setting.name for setting in concept.all_settings[1:])]
    paths = {name: served.preview(concept.slug, name) for name in names}
    return {
        name: PreTrainedAbout(path=path, knobs=concept.pre_trained_config(name).model_dump())
        for name, path in paths.items() if path
    }  # fmt: skip


def asked(concept: Concept, probe: Probe, served: Served) -> ProbeAbout:
    """A question as its panel shows it."""
    return ProbeAbout(
        name=probe.name, title=probe.title, button=probe.button or say("ask"), clicks=list(probe.clicks),
        live=probe.live, fields=controls(probe.question), box=box(concept, probe, served),
    )  # fmt: skip


def box(concept: Concept, of: View | Probe, served: Served) -> BoxOptions:
    """The box of a view, or of a probe's answer."""
    is_probe = isinstance(of, Probe)
    return BoxOptions(
        slug=concept.slug,
        name=f"probe-{of.name}" if is_probe else of.name,
        probe=of.name if is_probe else "",
        title=of.title,
        caption=of.caption if isinstance(of, Probe) else of.caption_for(concept.config()),
        place=of.place if isinstance(of, View) else "answer",
        medium=served.medium_script(concept, of.medium),
        clicks=not is_probe and any(of.name in probe.clicks for probe in concept.all_probes),
        drags=not is_probe and any(of.name in probe.drags for probe in concept.all_probes),
    )


def about_text(concept: Concept, served: Served) -> str:
    return json.dumps(about(concept, served), ensure_ascii=False)
