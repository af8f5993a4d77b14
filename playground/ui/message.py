"""How a tab stands, as the message that its page gets."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from playground.concept import Config
from playground.engine.frame import Answer, DrawnFigure
from playground.session.log import LENGTH
from playground.session.player import FOLLOWED, SPEEDS
from playground.session.tab_session import TabSession
from playground.ui.messages import AnswerPart, Complaint, Diagram, Envelope, Frozen, Moment, TabState
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
    brought = Envelope(
        tab=tab.concept.slug,
        order=next(_order),
        address=query(tab.concept.slug, tab.config) if address or whole else "",
        knobs=tab.config.model_dump() if whole or knobs else None,
        token=token,
        renew=renew,
        run_now=run_now,
    )
    rest = json.dumps({**brought, **state(tab, LENGTH if whole else NEW_NOTES)})
    drawn = tab.run.figures
    shown = {name: drawn[name] for name in (drawn if whole else views) if name in drawn}
    figures = ",".join(f"{json.dumps(name)}:{figure_text(figure)}" for name, figure in shown.items())
    parts = ",".join(f"{json.dumps(name)}:{text}" for name, text in (answers or {}).items())
    return f'{{"figures":{{{figures}}},"answers":{{{parts}}},{rest[1:]}'


def state(tab: TabSession, notes: int) -> TabState:
    """How a tab stands.

    notes: how many of the newest lines of the log, at most
    """
    last, config = tab.run.last, tab.run.config or tab.config
    step, metrics = last.moment if last else (0, {})
    return TabState(
        run=tab.run.number if tab.run.id else 0,
        state=tab.state,
        is_drawing=tab.is_drawing,
        setting=tab.concept.pre_trained_setting(config),
        step=tab.step,
        version=last.version if last else 0,
        budget=config.steps,
        more=tab.more_steps,
        can_undo=tab.previous is not None,
        rate=tab.rate if tab.playing else 0,
        error=last.error if last else "",
        frozen=frozen(tab),
        moment=Moment(step=step, metrics=metrics),
        captions=captions(tab),
        hidden=tab.concept.hidden_for(config),
        hidden_knobs=tab.concept.hidden_knobs(tab.config),
        bounds=bounds(tab),
        solved=sorted(tab.run.solved),
        restart=tab.needs_restart(),
        complaint=Complaint(key=tab.complaint[0], values=tab.complaint[1]) if tab.complaint else None,
        notes=tab.log.newest(notes),
        shapes=tab.run.shapes,
        diagram=diagram(tab),
        speed=tab.speed,
    )


def frozen(tab: TabSession) -> dict[str, Frozen]:
    """What is said of the arms that have diverged while others train on."""
    title = tab.concept.arm_title
    return {arm: Frozen(title=title(arm), step=step) for arm, step in tab.run.frozen.items()}


def captions(tab: TabSession) -> dict[str, str]:
    """View → its caption, of those that depend on the config: of the run, or of the knobs where there is none."""
    config = tab.run.config or tab.config
    return {view.name: view.caption_for(config) for view in tab.concept.views_for(config) if callable(view.caption)}


def bounds(tab: TabSession) -> dict[str, dict[str, tuple[float, float]]]:
    """Probe → field of its question → (lowest, highest) for the model, of those that depend on the config."""
    config = tab.run.config or tab.config
    return {probe.name: dict(probe.bounds(config)) for probe in tab.concept.probes_for(config) if probe.bounds}


def diagram(tab: TabSession) -> Diagram | None:
    """The network of the run's model, or of the knobs' where there is none; None where no step can be followed."""
    per_second = SPEEDS[tab.speed]
    if tab.playing and (per_second is None or per_second > FOLLOWED):
        return None
    return strip(tab.concept, tab.run.config or tab.config)


def figure_text(figure: DrawnFigure) -> str:
    """A ShownFigure as JSON; the figure is JSON already."""
    return f'{{"step":{figure.step},"version":{figure.version},"figure":{figure.text}}}'


def answer_text(answer: Answer, *, clicked: bool = False, continues: bool = False) -> str:
    """An answer as it stands in a message; what a click filled in goes back to the question's controls."""
    about = AnswerPart(
        step=answer.step, version=answer.version, error=answer.error, clicked=clicked, question=answer.question,
        pre_trained=answer.pre_trained, number=answer.number, more=answer.more, continues=continues,
    )  # fmt: skip
    return f'{{"figure":{answer.figure or "null"},{json.dumps(about)[1:]}'


def query(slug: str, config: Config) -> str:
    """The page's query string for these knobs, so that a link leads to the same run."""
    return "?" + urlencode({"tab": slug, **config.as_link()})
