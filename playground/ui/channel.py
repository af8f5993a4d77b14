"""The one stream from server to tab: everything that moves with a frame travels as a single text.

Gradio rebuilds every component that an event leaves unchanged, on the server, for each frame; with one output
a frame costs it 3 ms instead of 20.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any

import gradio as gr

from playground.ui.assets import script
from playground.ui.widget import Widget


class Channel(Widget):
    """Unseen; its value is a message, which the page hands on to pictures and parts."""

    def __init__(self, concept: str, **kwargs: Any) -> None:
        self.concept = concept
        mark = f'<i data-concept="{concept}"></i>'
        super().__init__("", mark, ("channel.js",), elem_classes="unseen", container=False, **kwargs)


def part(concept: str, name: str, text: str, classes: str) -> gr.HTML:
    """A piece of HTML on the page that messages replace."""
    box = f'<div data-concept="{concept}" data-part="{name}">{text}</div>'
    return gr.HTML(box, js_on_load=script("part.js"), elem_classes=classes)


def message(order: int, pictures: Mapping[str, str], parts: Mapping[str, str], address: str = "") -> str:
    """What the page takes over at once.

    order: grows from message to message; an event that ends late repeats its last one, which is then ignored
    pictures: view name → figure as JSON text; parts: part name → HTML; address: the page's new one, kept where empty
    """
    figures = ",".join(f"{json.dumps(name)}:{figure}" for name, figure in pictures.items())
    rest = json.dumps({"order": order, "parts": dict(parts), "address": address})
    return f'{{"pictures":{{{figures}}},{rest[1:]}'


def alert(text: str) -> str:
    """A sentence as a screen reader announces it; nothing for no sentence."""
    return f'<p role="alert">{html.escape(text)}</p>' if text else ""
