"""All words of this tab that a visitor reads, but the lesson: `words.en.toml`."""

from playground.words import words

say = words(__package__)
