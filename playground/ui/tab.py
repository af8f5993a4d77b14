"""One tab of the page as Gradio has it: a single component without events, filled by `tab.js`."""

from __future__ import annotations

import gradio as gr

from playground.ui.served import importing


def tab(slug: str) -> gr.HTML:
    """Adds a tab to the open Blocks."""
    mount = f"{importing('tab.js')}.then((m) => m.mount(element, {{ props }})).catch(console.error);"
    return gr.HTML(
        "", html_template="<div></div>", js_on_load=mount, apply_default_css=False, container=False, slug=slug,
        elem_classes="tab-box",
    )  # fmt: skip
