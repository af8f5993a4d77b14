"""The media of this tab's own: a text with its answer and lines to what was attended to; a map with such lines."""

from playground.concept import Medium

READING = Medium(name="reading", module="reading.js", keys=frozenset({"reading"}))
ATTENTION_MAP = Medium.chart("attention_map", "attention_map.js")
