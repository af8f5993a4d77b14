"""What visitors may try to reach."""

from playground.concept import Challenge

CHALLENGES: tuple[Challenge, ...] = ()
