"""What a shared link asks of a tab."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from playground.concept import Config
from playground.session.tab_session import TabSession
from playground.wording import BadInput, near, parse_nearest


def follow(tab: TabSession, query: str) -> bool:
    """Sets the knobs that a link's query string asks for. What can't be used is named, and so is what was lowered.

    Answers whether it asks for a preset, which runs at once.

    A reloaded page's address has the knobs of its run, which then goes on; other knobs take effect on the next start.
    """
    pairs = reversed(parse_qsl(query.lstrip("?")))  # of a key that comes twice the first counts, as for the page
    asked = {key: value for key, value in reversed(dict(pairs).items()) if not key.startswith("__")}
    slug = asked.pop("tab", tab.concept.slug)
    if slug != tab.concept.slug:
        tab.complain("link_tab", {"tab": slug})
        return False
    name = asked.pop("preset", "")
    preset = tab.concept.preset(name)
    if preset:
        asked = {**preset.config, **asked}
    config, faults, lowered = usable(tab.concept.config, asked)
    if name and not preset:
        faults.append(f"preset: {name} is none; {near(name, [one.name for one in tab.concept.presets])}")
    if asked and config != tab.config:
        tab.playing = False
        tab.set_config(config)
    if faults or lowered:
        tab.complain("link_knobs", {"sentence": " ".join(faults + lowered)})
    return preset is not None and not faults


def usable(model: type[Config], asked: dict[str, Any]) -> tuple[Config, list[str], list[str]]:
    """The config of those knobs that can be used, a sentence for each that can't, and one for each that was lowered.

    Knobs are taken in their order: one that does not go with those before it is left out. Older links may ask for more
    than knobs may cost together today: they get the nearest that is allowed.
    """
    taken: dict[str, Any] = {}
    faults: list[str] = []
    for key, value in asked.items():
        try:
            parse_nearest(model, {**taken, key: value})
            taken[key] = value
        except BadInput as error:
            faults.append(str(error))
    config, lowered = parse_nearest(model, taken)
    return config, faults, lowered
