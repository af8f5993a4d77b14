"""The page: one tab per concept, a browser tab's coming and going, and shared links."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import gradio as gr
from pydantic import ValidationError

from playground.concept import Concept
from playground.engine.scheduler import Scheduler
from playground.session.leases import Leases
from playground.session.store import BrowserPage, SessionStore
from playground.ui import api, served
from playground.ui.actions import IMMEDIATE, Actions
from playground.ui.sentences import say
from playground.ui.tab import Tab
from playground.wording import UnknownField, explain, parse_config


def _script(call: str) -> str:
    """A function of `arrival.js` as Gradio takes scripts."""
    return f'async (...given) => (await import(new URL("{served.script("arrival.js")}", document.baseURI).href)).{call}'


def build(concepts: tuple[Concept, ...], scheduler: Scheduler) -> gr.Blocks:
    """The whole user interface over any catalogue of concepts."""
    leases = Leases(scheduler)
    store = SessionStore(concepts, scheduler, leases)
    with gr.Blocks(title=say("title"), fill_width=True, analytics_enabled=False) as page:
        heading = f'<header class="masthead"><h1>{say("title")}</h1><p>{say("tagline")}</p></header>'
        gr.HTML(heading, js_on_load=None)
        token, query = gr.Textbox(visible=False), gr.Textbox(visible=False)
        with gr.Tabs(elem_classes="concepts") as strip:
            for concept in concepts:
                with gr.Tab(concept.title, id=concept.slug, elem_classes="tab-concept") as panel:
                    tab = Tab(concept.slug)
                panel.select(Actions(concept, tab, store).enter, None, tab, **IMMEDIATE)

        async def arrive(token: str, query: str, request: gr.Request) -> dict[Any, Any]:
            """A page loads: with its old runs when it was reloaded, and with the knobs that its link asks for."""
            here = store.arrive(request.session_hash or "", token)
            slug = follow(here, query)
            return {token_box: here.token} | ({strip: gr.Tabs(selected=slug)} if slug else {})

        async def leave(request: gr.Request) -> None:
            store.leave(request.session_hash or "")

        token_box = token
        arrived = page.load(arrive, [token, query], [token, strip], js=_script("arrive()"), **IMMEDIATE)
        arrived.then(None, token, None, js=_script("settle(given[0])"))
        page.unload(leave)
        api.add(concepts, scheduler, leases)
    return page


def follow(page: BrowserPage, query: str) -> str:
    """Sets the knobs that a link's query string asks for → the slug of the tab that it leads to, "" for none.

    What can't be used is complained about in that tab. A reloaded page's address has the knobs of its run, which then
    goes on; other knobs take effect on the next start.
    """
    asked = {key: value for key, value in parse_qsl(query.lstrip("?")) if not key.startswith("__")}
    slug = asked.pop("tab", "")
    if not slug:
        return ""
    if slug not in page.tabs:
        first = next(iter(page.tabs))
        page.tabs[first].complain("link_tab", {"tab": slug})
        return first
    tab = page.tabs[slug]
    try:
        config = parse_config(tab.concept.config, asked)
        if config != tab.config:
            tab.playing = False
            tab.set_config(config)
    except (ValidationError, UnknownField) as error:
        tab.complain("link_knobs", {"sentence": explain(error)})
    return slug
