"""The frames on the page in which pictures move: plots, films, and a game. A frame per view and per probe."""

from __future__ import annotations

import html
from typing import Any

from playground.concept import Medium
from playground.ui.widget import Widget


class Picture(Widget):
    """A titled frame; its value is a picture as JSON text, of which only the newest is shown."""

    scripts: tuple[str, ...]
    body: str
    """HTML between title and caption; `{about}` is its text for a screen reader."""

    def __init__(
        self, title: str, look_for: str, *, concept: str, name: str, place: str, value: str = "", clicks: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """
        title: heading over the picture
        look_for: one sentence under it, also its text for a screen reader
        concept, name, place: the view's; under the first two the channel sends it its pictures
        value: picture as JSON text to begin with; empty shows a sentence until the first one comes
        clicks: whether somebody answers a click; the spot is then marked
        """
        self.title, self.look_for, self.concept, self.name = title, look_for, concept, name
        self.place, self.clicks = place, clicks
        heading, text = html.escape(title), html.escape(look_for, quote=True)
        about = f"{html.escape(title, quote=True)}: {text}"
        template = (
            f'<figure class="live-plot" data-concept="{concept}" data-view="{name}"'
            f' data-clicks="{str(clicks).lower()}"><figcaption>{heading}<span class="badge" hidden>ready-made</span>'
            f'<button type="button" class="close" aria-label="Close {html.escape(title, quote=True)}">×</button>'
            f'</figcaption>{self.body.replace("{about}", about)}<p class="look-for">{text}</p></figure>'
        )
        super().__init__(
            value, template, ("picture.js", *self.scripts), elem_classes=["live", f"place-{place}"], **kwargs
        )


class LivePlot(Picture):
    """Plotly figures, drawn once per animation frame.

    A click anywhere in the plane triggers `pick` with {"x": …, "y": …} in the axes' coordinates.
    """

    scripts = ("hover.js", "live_plot.js")
    body = '<div class="chips"></div><div class="plot" role="group" aria-label="{about}"></div>'


class Film(Picture):
    """A film with what its actors thought at every step: their numbers on it, their lines under it."""

    scripts = ("film.js",)
    body = (
        '<div class="plot film" role="group" aria-label="{about}"><div class="screen"></div>'
        '<canvas class="lines" tabindex="0" role="slider" aria-label="Step of the film" aria-valuemin="0"></canvas>'
        '<div class="film-tools"><button type="button" class="play" aria-label="Pause the film">❚❚</button>'
        '<select aria-label="Speed of the film"><option value="0.25">¼ ×</option><option value="0.5">½ ×</option>'
        '<option value="1" selected>1 ×</option><option value="2">2 ×</option></select>'
        '<span class="film-words"></span></div></div>'
    )


class Game(Picture):
    """A match between the visitor and the live model's weights, played in the browser."""

    scripts = ("physics.js", "game.js")
    body = (
        '<div class="plot game"><canvas class="arena" tabindex="0" role="application" aria-label="{about}"></canvas>'
        '<div class="game-tools"><span class="pads"></span><button type="button" class="start">Start</button>'
        '<button type="button" class="nudge" data-push="-1">⇠ nudge the agent</button>'
        '<button type="button" class="nudge" data-push="1">nudge the agent ⇢</button>'
        '<select aria-label="Speed of the game"><option value="0.25">¼ ×</option>'
        '<option value="0.5" selected>½ ×</option><option value="1">1 ×</option></select></div>'
        '<p class="score" role="status"></p></div>'
    )


MEDIA: dict[Medium, type[Picture]] = {"plot": LivePlot, "film": Film, "game": Game}
