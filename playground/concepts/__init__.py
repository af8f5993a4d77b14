"""Every tab, in order. A new concept is a package beside this file and one line here."""

from playground.concepts.actor_critic import ACTOR_CRITIC
from playground.concepts.autoencoder import AUTOENCODER

CONCEPTS = (AUTOENCODER, ACTOR_CRITIC)
