"""One tab of the page as Gradio has it: a single component, filled by `tab.js`, with events out and messages in."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.ui.served import importing

EVENTS = ("hello", "train", "act")
"""hello: the tab is mounted; train: the button that starts and pauses; act: everything else, by its `kind`."""


class Tab(gr.HTML):
    """Its value is the newest message (`message.py`). To the front end it is Gradio's HTML."""

    EVENTS: list[Any] = []
    """None of Gradio's: their names would travel in the page's config."""

    def __init__(self, slug: str) -> None:
        # Gradio attaches those events whose quoted names stand in the script.
        mount = (
            f"{importing('tab.js')}"
            f".then((m) => m.mount(element, {{ props, watch, trigger }})).catch(console.error);"
            f" // {' '.join(map(repr, EVENTS))}"
        )
        super().__init__(
            "", html_template="<div></div>", js_on_load=mount, apply_default_css=False, container=False, slug=slug,
            elem_classes="tab-box",
        )  # fmt: skip

    def get_block_name(self) -> str:
        return "html"

    def get_config(self) -> dict[str, Any]:
        # Gradio asks the subclass's signature for its props; HTML's are the ones the front end knows.
        return gr.HTML.get_config(self)
