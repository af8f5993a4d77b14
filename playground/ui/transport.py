"""The transport bar's text: progress, speed, time left, the newest metrics and the log, as small HTML."""

from __future__ import annotations

import html
import json

from playground.concept import Concept
from playground.ui.visit import Visit


def number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d} min" if seconds >= 60 else f"{seconds:.0f} s"


def status(visit: Visit) -> str:
    """Progress, speed and time left, or why nothing moves."""
    frame, pace = visit.last, visit.pace
    budget = frame.budget if frame else visit.config.steps
    step = frame.step if frame else 0
    if frame and frame.error:
        state, word = "stopped", frame.error
    elif frame and frame.done:
        state, word = "done", "Budget spent: reset, or raise the number of steps."
    elif visit.playing:
        left = clock((budget - step) / pace) + " left" if pace > 0 else "starting…"
        state, word = "training", f"{pace:.0f} steps/s · {left}" if pace > 0 else left
    elif step:
        state, word = "paused", "Paused: ask the probes below, step, or train on."
    else:
        state, word = "ready", "Press Train: a model of your own learns, here, now."
    waiting = visit.waiting()
    hint = (
        f'<span class="hint">{html.escape(", ".join(waiting))}: takes effect on the next start (Reset)</span>'
        if waiting
        else ""
    )
    shapes = html.escape(json.dumps({k: list(v) for k, v in (frame.shapes if frame else {}).items()}), quote=True)
    share = 100 * step / max(budget, 1)
    return (
        f'<div class="status {state}" data-step="{step}" data-state="{state}" data-shapes="{shapes}">'
        f'<progress max="{budget}" value="{step}" aria-label="Progress of the run">{share:.0f} %</progress>'
        f'<span class="step">step <b>{step:,}</b> / {budget:,}</span>'
        f'<span class="word" role="status">{html.escape(word)}</span>{hint}</div>'
    )


def readout(concept: Concept, latest: dict[str, float]) -> str:
    """The newest value of every metric, its meaning and unit on hover."""
    cells = []
    for metric in concept.metrics:
        if metric.name in latest and not metric.quiet:
            about = html.escape(f"{metric.explain} [{metric.unit}]" if metric.unit else metric.explain, quote=True)
            cells.append(
                f'<span class="metric" title="{about}" data-metric="{metric.name}">{html.escape(metric.title)} '
                f"<b>{number(latest[metric.name])}</b></span>"
            )
    return f'<div class="readout">{"".join(cells)}</div>'


def log(visit: Visit) -> str:
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in visit.log)
    return f'<ol class="log" aria-label="What happened">{lines or "<li>Nothing yet.</li>"}</ol>'


def challenges(visit: Visit) -> str:
    rows = []
    for challenge in visit.concept.challenges:
        state, tick = ("solved", "✔") if challenge.title in visit.solved else ("open", "○")
        rows.append(
            f'<li class="{state}"><span class="tick" role="img" aria-label="{state}">{tick}</span><div>'
            f"<b>{html.escape(challenge.title)}</b>"
            f"<small>{html.escape(challenge.hint)}</small></div></li>"
        )
    return f'<ul class="challenges">{"".join(rows)}</ul>'
