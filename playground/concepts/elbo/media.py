"""The media of this tab's own."""

from playground.concept import Medium

BOUND = Medium(name="bound", module="bound.js", keys=frozenset({"bound"}))
"""q under the visitor's hand, beside the posterior, and the terms of the bound."""
MIXTURE = Medium(name="mixture", module="mixture.js", keys=frozenset({"mixture"}))
"""Points and Gaussians of the plane, with a button for each half of EM."""
DERIVATION = Medium(name="derivation", module="derivation.js", keys=frozenset({"derivation"}))
"""Lines of a derivation, each with what it is worth."""
