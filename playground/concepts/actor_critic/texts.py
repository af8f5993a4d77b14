"""The words of the Actor-critic tab."""

from playground.words import words

say = words(__package__)
