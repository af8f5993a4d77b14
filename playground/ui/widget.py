"""The base of the page's own components: Gradio's HTML with a fixed template and a script."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.ui.assets import script


class Widget(gr.HTML):
    """Subclasses choose template and scripts; to the front end each of them is Gradio's HTML."""

    def __init__(self, value: str, template: str, scripts: tuple[str, ...], **kwargs: Any) -> None:
        code = "\n".join(script(name) for name in scripts)
        super().__init__(value, html_template=template, js_on_load=code, apply_default_css=False, **kwargs)

    def get_block_name(self) -> str:
        return "html"

    def get_config(self) -> dict[str, Any]:
        # Gradio asks the subclass's signature for its props; HTML's are the ones the front end knows.
        return gr.HTML.get_config(self)
