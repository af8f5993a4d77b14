"""All that a tab shows of its declaration, as plain data; the browser fetches it on the tab's first visit."""

from __future__ import annotations

import json
from typing import Any

from playground.concept import Concept, Probe, View
from playground.session.player import FULL_SPEED, SPEEDS
from playground.ui.fields import controls
from playground.ui.served import Served

PLACES = ("hero", "support", "wide", "more")


def about(concept: Concept, served: Served) -> dict[str, Any]:
    views = sorted(concept.views, key=lambda view: PLACES.index(view.place))
    return {
        "slug": concept.slug,
        "budget": concept.config().steps,
        "speeds": list(SPEEDS),
        "speed": FULL_SPEED,
        "knobs": controls(concept.config),
        "metrics": [
            {"name": m.name, "title": m.title, "unit": m.unit, "explain": m.explain}
            for m in concept.metrics if not m.hidden
        ],
        "views": [box(concept, view, view.name, view.place, served) for view in views],
        "probes": [
            {
                "name": probe.name, "title": probe.title, "button": probe.button, "clicks": list(probe.clicks),
                "live": probe.live,
                "fields": controls(probe.question), "box": box(concept, probe, f"probe-{probe.name}", "answer", served),
            }
            for probe in concept.probes
        ],
        "presets": [
            {"name": p.name, "title": p.title, "why": p.why, "knobs": concept.preset_config(p).model_dump()}
            for p in concept.presets
        ],
        "challenges": [{"title": c.title, "hint": c.hint} for c in concept.challenges],
        "ready_made": served.preview(concept.slug),
    }  # fmt: skip


def box(concept: Concept, of: View | Probe, name: str, place: str, served: Served) -> dict[str, Any]:
    """The options of a figure box, see `figure_box.js`."""
    caption = of.caption if isinstance(of, Probe) else of.caption_for(concept.config())
    return {
        "slug": concept.slug, "name": name, "probe": of.name if isinstance(of, Probe) else "", "title": of.title,
        "caption": caption, "place": place,
        "medium": served.medium_script(concept, of.medium),
        "clicks": any(name in probe.clicks for probe in concept.probes),
        "drags": any(name in probe.drags for probe in concept.probes),
    }  # fmt: skip


def about_text(concept: Concept, served: Served) -> str:
    return json.dumps(about(concept, served), ensure_ascii=False)
