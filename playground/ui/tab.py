"""One tab of the page: draws any Concept. Layout here; what happens on a click is in `actions.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from playground.concept import Probe, View
from playground.ui import assets, transport
from playground.ui.channel import Channel, alert, message, part
from playground.ui.controls import controls
from playground.ui.lesson import code_panel, lesson_html
from playground.ui.pictures import MEDIA, Picture
from playground.ui.visit import FULL_SPEED, SPEEDS, Visit

TRAIN, PAUSE = "▶\u2002Train", "❚❚\u2002Pause"


class Tab:
    """The components of one concept's tab."""

    def __init__(self, fresh: Visit) -> None:
        """fresh: a visit that has not begun; it says what the tab shows at first"""
        concept = self.concept = fresh.concept
        self.views: dict[str, Picture] = {}
        self.probes: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Picture] = {}
        self.insets: dict[str, Picture] = {}
        """Answers to a click in a view, shown in its corner."""
        self.asks: dict[str, gr.Button] = {}
        self.refusals: dict[str, gr.HTML] = {}
        self.preview = assets.preview(concept.slug)
        with gr.Row(elem_classes="workbench"):
            with gr.Column(elem_classes="knobs", scale=0, min_width=250):
                self._presets()
                self.knobs = controls(concept.config)
            with gr.Column(elem_classes="stage", scale=1, min_width=320):
                self._transport(fresh)
                with gr.Column(elem_classes="board"):
                    self._pictures(("hero", "support", "wide"))
                    self._insets()
        self._below(fresh)
        self.channel = Channel(concept.slug)
        self.gaze = gr.HTML("", js_on_load=assets.script("gaze.js"), elem_classes="unseen", container=False)

    def _presets(self) -> None:
        names = [("Default", "")] + [(p.title, p.name) for p in self.concept.presets]
        self.preset = gr.Dropdown(names, value="", label="Start from", interactive=True, elem_classes="preset")

    def _transport(self, fresh: Visit) -> None:
        with gr.Row(elem_classes="transport"):
            self.train = gr.Button(TRAIN, variant="primary", min_width=110, scale=0, elem_classes="train")
            self.step = gr.Button("Step", min_width=60, scale=0, elem_classes="step-button")
            self.reset = gr.Button("Reset", min_width=64, scale=0, elem_classes="reset")
            self.speed = gr.Dropdown(
                list(SPEEDS), value=FULL_SPEED, show_label=False, label="Speed", min_width=120, scale=0,
                container=False, interactive=True, elem_classes="speed",
            )  # fmt: skip
            self._part("status", transport.status(fresh), "status-box")
        self._part("complaint", "", "complaint")
        self._part("readout", transport.readout(self.concept, {}), "readout-box")

    def _part(self, name: str, text: str, classes: str) -> None:
        part(self.concept.slug, name, text, classes)

    def _plot(self, of: View | Probe, name: str, place: str, value: str = "", clicks: bool = False) -> Picture:
        return MEDIA[of.medium](
            of.title, of.look_for, concept=self.concept.slug, name=name, place=place, value=value, clicks=clicks
        )

    def _pictures(self, places: tuple[str, ...]) -> None:
        pointed = {probe.pointer for probe in self.concept.probes}
        for view in sorted((v for v in self.concept.views if v.place in places), key=lambda v: places.index(v.place)):
            self.views[view.name] = self._plot(
                view, view.name, view.place, self.ready_made(view.name), view.name in pointed
            )

    def _insets(self) -> None:
        for probe in self.concept.probes:
            if probe.pointer:
                self.insets[probe.name] = self._plot(probe, f"inset-{probe.name}", "inset")

    def ready_made(self, view: str) -> str:
        """The stored picture of a trained model, marked as such; empty where there is none."""
        figure = self.preview.get("pictures", {}).get(view)
        if figure is None:
            return ""
        layout = figure.get("layout", {})
        meta = {**layout.get("meta", {}), "ready_made": True}
        return json.dumps({**figure, "layout": {**layout, "meta": meta}}, separators=(",", ":"))

    def _below(self, fresh: Visit) -> None:
        with gr.Tabs(elem_classes="below"):
            with gr.Tab("Lesson"), gr.Row(elem_classes="lesson"):
                gr.HTML(lesson_html(self.concept), js_on_load=assets.script("lesson.js"), elem_classes="lesson-box")
                gr.HTML(code_panel(self.concept), js_on_load=assets.script("code.js"), elem_classes="code-box")
            if self.concept.probes:
                with gr.Tab("Ask the model"), gr.Tabs(elem_classes="probes"):
                    for probe in self.concept.probes:
                        self._probe(probe)
            if any(view.place == "more" for view in self.concept.views):
                with gr.Tab("More pictures"), gr.Column(elem_classes="board-more"):
                    self._pictures(("more",))
            with gr.Tab("Presets and challenges"), gr.Row():
                self._preset_cards()
                self._part("challenges", transport.challenges(fresh), "challenge-box")
            with gr.Tab("Log"):
                self._part("log", transport.log(fresh), "log-box")

    def _preset_cards(self) -> None:
        self.cards: dict[str, gr.Button] = {}
        with gr.Column(elem_classes="preset-cards"):
            for preset in self.concept.presets:
                with gr.Row(elem_classes="preset-card"):
                    self.cards[preset.name] = gr.Button(preset.title, size="sm", min_width=150, scale=0)
                    gr.HTML(f"<p>{preset.why}</p>")

    def _probe(self, probe: Probe) -> None:
        with gr.Tab(probe.title), gr.Row(elem_classes="probe"):
            with gr.Column(elem_classes="question", scale=0, min_width=280):
                self.probes[probe.name] = controls(probe.question)
                self.asks[probe.name] = gr.Button(probe.button, variant="secondary", size="md", elem_classes="ask")
                self.refusals[probe.name] = gr.HTML("", elem_classes="complaint")
            self.answers[probe.name] = self._plot(probe, f"probe-{probe.name}", "answer")

    def settings(self) -> list[Any]:
        """The components that `set` sets."""
        return [*self.knobs.values(), self.speed]

    def set(self, visit: Visit) -> dict[Any, Any]:
        """Knobs and speed as the visit has them: after a reload, a link or a preset."""
        values = visit.config.model_dump()
        return {**{self.knobs[name]: values[name] for name in self.knobs}, self.speed: visit.speed}

    def moving(self) -> list[Any]:
        """The components that `move` moves."""
        return [self.channel, self.train]

    def move(self, visit: Visit, pictures: Mapping[str, str], complaint: str = "", link: str = "") -> dict[Any, Any]:
        """All that changes with a frame.

        pictures: view name → figure as JSON text, those that are new
        link: the page's new address
        """
        parts = {
            "status": transport.status(visit),
            "readout": transport.readout(self.concept, visit.last.latest if visit.last else {}),
            "challenges": transport.challenges(visit),
            "log": transport.log(visit),
            "complaint": alert(visit.complaint),
        }
        return {
            self.channel: message(next(visit.messages), pictures, parts, link),
            self.train: PAUSE if visit.playing else TRAIN,
        }


def address(visit: Visit) -> str:
    """The page's query string for these knobs, so that a link leads to the same run."""
    changed = visit.config.model_dump(exclude_defaults=True)
    return "?" + urlencode({"tab": visit.concept.slug, **changed})
