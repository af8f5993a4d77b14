"""The words of the VQ-VAE tab."""

from playground.words import words

say = words(__package__)
