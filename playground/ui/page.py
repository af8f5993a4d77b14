"""The page: one tab per concept, a browser tab's coming and going, shared links, and the server around them."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr
from pydantic import ValidationError

from playground.concept import Concept
from playground.engine.scheduler import Scheduler
from playground.ui import api, assets
from playground.ui.actions import NOW, STREAM, Actions
from playground.ui.tab import Tab
from playground.ui.theme import THEME
from playground.ui.visit import Desk, Page
from playground.wording import UnknownField, complaint, parse_config

HEADER = (
    '<header class="masthead"><h1>Machine-learning playground</h1>'
    "<p>Small real PyTorch models, trained live: turn a knob, watch the inside change.</p></header>"
)

ARRIVE_JS = """() => [sessionStorage.getItem("playground-token") || "", window.location.search]"""

SETTLE_JS = """(token) => {
  sessionStorage.setItem("playground-token", token);
  window.playground.publish("settled", true);
}"""


def build(concepts: tuple[Concept, ...], scheduler: Scheduler) -> gr.Blocks:
    """The whole user interface over any catalogue of concepts."""
    desk = Desk(concepts, scheduler)
    with gr.Blocks(title="Machine-learning playground", fill_width=True, analytics_enabled=False) as page:
        gr.HTML(HEADER, elem_classes="masthead-box")
        token, link = gr.Textbox(visible=False), gr.Textbox(visible=False)
        tabs: dict[str, Tab] = {}
        leaves: dict[str, gr.Tab] = {}
        with gr.Tabs(elem_classes="concepts") as strip:
            for concept in concepts:
                with gr.Tab(concept.title, id=concept.slug, elem_classes="tab-concept") as leaf:
                    tabs[concept.slug], leaves[concept.slug] = Tab(desk.visit_of(concept)), leaf
        actions = {slug: Actions(tab, desk) for slug, tab in tabs.items()}
        for slug, action in actions.items():
            leaves[slug].select(action.enter, None, tabs[slug].channel, **NOW)
        out = [component for tab in tabs.values() for component in (*tab.settings(), *tab.moving())]

        async def arrive(token: str, link: str, request: gr.Request) -> dict[Any, Any]:
            """A page loads: with its old runs when it was reloaded, and with the knobs that its link asks for."""
            here = desk.arrive(request.session_hash or "", token)
            shown: dict[Any, Any] = {}
            slug, trouble = follow(here, link)
            for name, tab in tabs.items():
                visit = here.visits[name]
                visit.complaint = trouble if name == slug else visit.complaint
                shown |= tab.set(visit) | tab.move(visit, visit.pictures)
            return shown | {token_box: here.token} | ({strip: gr.Tabs(selected=slug)} if slug else {})

        async def leave(request: gr.Request) -> None:
            desk.leave(request.session_hash or "")

        token_box = token
        loaded = page.load(arrive, [token, link], [*out, token, strip], js=ARRIVE_JS, **NOW)
        loaded.then(None, token, None, js=SETTLE_JS)
        for slug, action in actions.items():
            loaded.then(action.resume, None, tabs[slug].moving(), **STREAM)
        page.unload(leave)
        api.add(concepts, scheduler)
    return page


def follow(page: Page, link: str) -> tuple[str, str]:
    """Sets the knobs that a link's query string asks for → (slug, complaint when something in it can't be used).

    A reloaded page's address has the knobs of its run, which then goes on; other knobs take effect on the next start.
    """
    asked = dict(parse_qsl(link.lstrip("?")))
    slug = asked.pop("tab", "")
    asked = {k: v for k, v in asked.items() if not k.startswith("__")}
    if slug not in page.visits:
        return (
            ("", "") if not slug else (next(iter(page.visits)), f"This link asks for a tab “{slug}” that isn't here.")
        )
    visit = page.visits[slug]
    try:
        config = parse_config(visit.concept.config, asked)
        if config != visit.config:
            visit.playing = False
            visit.turn(config)
    except (ValidationError, UnknownField) as error:
        return slug, "This link asks for something the knobs don't allow. " + complaint(error)
    return slug, ""


def launch(concepts: tuple[Concept, ...], scheduler: Scheduler, **options: Any) -> None:
    """Starts the server; returns when it ends."""
    gr.set_static_paths(list(assets.served()))
    page = build(concepts, scheduler)
    page.launch(
        theme=THEME, css_paths=assets.ASSETS / "page.css", head=assets.head(), footer_links=["api"], ssr_mode=False,
        share=False, show_error=False, max_file_size="4mb", pwa=False, mcp_server=False, enable_monitoring=False,
        server_name=os.environ.get("GRADIO_SERVER_NAME"), prevent_thread_lock=True, **options,
    )  # fmt: skip
    scheduler.start()  # the workers warm up while the first visitor's browser loads the page
    page.block_thread()
