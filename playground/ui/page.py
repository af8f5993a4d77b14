"""The page as Gradio has it: its head, a tab per concept, and the named API."""

from __future__ import annotations

import gradio as gr

from playground.concept import Concept
from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.ui import api
from playground.ui.sentences import say
from playground.ui.served import importing
from playground.ui.tab import tab


def build(concepts: tuple[Concept, ...], scheduler: Scheduler, leases: Leases) -> gr.Blocks:
    """The page over any catalogue of concepts. What moves on it comes by `wire.py`, past Gradio."""
    with gr.Blocks(title=say("title"), fill_width=True, analytics_enabled=False) as page:
        mount = f"{importing('page.js')}.then((m) => m.mount(element)).catch(console.error)"
        gr.HTML("", html_template="<div></div>", js_on_load=mount, elem_classes="head-box", apply_default_css=False)
        for concept in concepts:
            tab(concept.slug)
        api.add(concepts, scheduler, leases)
    return page
