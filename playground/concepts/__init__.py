"""Every tab, in order. A new concept is a package beside this file and one line here."""

from playground.concepts.autoencoder import AUTOENCODER

CONCEPTS = (AUTOENCODER,)
