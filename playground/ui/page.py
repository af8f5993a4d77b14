"""The page: its head, a tab per concept, and a browser tab's going."""

from __future__ import annotations

import gradio as gr

from playground.concept import Concept
from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import SessionStore
from playground.ui import api
from playground.ui.actions import Actions
from playground.ui.sentences import say
from playground.ui.served import importing
from playground.ui.tab import Tab


def build(concepts: tuple[Concept, ...], scheduler: Scheduler) -> gr.Blocks:
    """The whole user interface over any catalogue of concepts."""
    leases = Leases(scheduler)
    store = SessionStore(concepts, scheduler, leases)
    with gr.Blocks(title=say("title"), fill_width=True, analytics_enabled=False) as page:
        mount = f"{importing('page.js')}.then((m) => m.mount(element)).catch(console.error)"
        gr.HTML("", html_template="<div></div>", js_on_load=mount, elem_classes="head-box", apply_default_css=False)
        for concept in concepts:
            Actions(concept, Tab(concept.slug), store)

        async def leave(request: gr.Request) -> None:
            store.leave(request.session_hash or "")

        page.unload(leave)
        api.add(concepts, scheduler, leases)
    return page
