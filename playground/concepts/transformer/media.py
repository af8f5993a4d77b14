"""The medium of this tab's own: a text, the answer, and lines to what was attended to."""

from playground.concept import Medium

READING = Medium(name="reading", module="reading.js", keys=frozenset({"reading"}))
