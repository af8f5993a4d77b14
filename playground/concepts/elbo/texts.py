"""The words of the tab: `say` answers the text of a key in `words.LANGUAGE.toml`."""

from playground.words import words

say = words(__package__)
