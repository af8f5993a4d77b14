"""What the server tells a tab: everything that moves travels as one message of data."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from playground.concept import Config
from playground.engine.frame import Answer
from playground.session.player import FOLLOWED, SPEEDS
from playground.session.tab_session import TabSession
from playground.ui.strip import strip

NEW_NOTES = 8
"""Lines of the log in a message; more than one frame brings."""

_order = itertools.count(1)
"""Numbers of the messages in the order in which they were made: an event that ends late repeats its last one."""


def message(
    tab: TabSession, views: Iterable[str] = (), *, answers: Mapping[str, str] | None = None, address: bool = False,
    knobs: bool = False, token: str = "", renew: float = 0.0, run_now: bool = False, whole: bool = False,
) -> str:  # fmt: skip
    """How the tab stands, as JSON text.

    views: names of those whose figures are new; answers: probe name → `answer_text`
    address: whether the tab's address has changed; knobs: whether their values come from the server
    run_now: whether the link by which the page was reached asks for a run
    token: by which the server knows the page, when it (re)loads; renew: seconds between its signs of life
    whole: tells all that there is to know, as a message with a token does
    """
    whole = whole or bool(token)
    last = tab.run.last
    state: dict[str, Any] = {
        "tab": tab.concept.slug,
        "order": next(_order),
        "run": tab.run.number if tab.run.id else 0,
        "state": tab.state,
        "step": tab.step,
        "budget": (tab.run.config or tab.config).steps,
        "more": tab.more_steps,
        "can_undo": tab.previous is not None,
        "rate": tab.rate if tab.playing else 0,
        "error": last.error if last else "",
        "moment": dict(zip(("step", "metrics"), last.moment if last else (0, {}), strict=True)),
        "captions": captions(tab),
        "hidden_knobs": tab.concept.hidden_knobs(tab.config),
        "hidden": tab.concept.hidden_for(tab.run.config or tab.config),
        "bounds": bounds(tab),
        "solved": sorted(tab.run.solved),
        "restart": tab.needs_restart(),
        "complaint": {"key": tab.complaint[0], "values": tab.complaint[1]} if tab.complaint else None,
        "notes": tab.log.newest() if whole else tab.log.newest(NEW_NOTES),
        "shapes": tab.run.shapes,
        "diagram": diagram(tab),
        "address": query(tab.concept.slug, tab.config) if address or whole else "",
        "speed": tab.speed,
        "knobs": tab.config.model_dump() if whole or knobs else None,
        "token": token,
        "renew": renew,
        "run_now": run_now,
    }
    figures = tab.run.figures
    shown = {name: figures[name] for name in (figures if whole else views) if name in figures}
    drawn = ",".join(f'{json.dumps(n)}:{{"step":{f.step},"figure":{f.text}}}' for n, f in shown.items())
    asked = ",".join(f"{json.dumps(name)}:{text}" for name, text in (answers or {}).items())
    return f'{{"figures":{{{drawn}}},"answers":{{{asked}}},{json.dumps(state)[1:]}'


def captions(tab: TabSession) -> dict[str, str]:
    """View → its caption, of those that depend on the config: of the run, or of the knobs where there is none."""
    config = tab.run.config or tab.config
    return {view.name: view.caption_for(config) for view in tab.concept.views if callable(view.caption)}


def bounds(tab: TabSession) -> dict[str, dict[str, tuple[float, float]]]:
    """Probe → field of its question → (lowest, highest) for the model, of those that depend on the config."""
    config = tab.run.config or tab.config
    return {probe.name: dict(probe.bounds(config)) for probe in tab.concept.probes if probe.bounds}


def diagram(tab: TabSession) -> dict[str, Any] | None:
    """The network of the run's model, or of the knobs' where there is none; None where no step can be followed."""
    per_second = SPEEDS[tab.speed]
    if tab.playing and (per_second is None or per_second > FOLLOWED):
        return None
    return strip(tab.concept, tab.run.config or tab.config)


def answer_text(answer: Answer, *, clicked: bool = False) -> str:
    """An answer as it stands in a message; what a click filled in goes back to the question's controls."""
    about = json.dumps({
        "step": answer.step, "error": answer.error, "clicked": clicked, "question": answer.question,
        "readyMade": answer.ready_made,
    })  # fmt: skip
    return f'{{"figure":{answer.figure or "null"},{about[1:]}'


def query(slug: str, config: Config) -> str:
    """The page's query string for these knobs, so that a link leads to the same run."""
    return "?" + urlencode({"tab": slug, **config.as_link()})
