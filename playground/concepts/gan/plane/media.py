"""The medium of this tab's own: the duel in the plane."""

from playground.concept import Medium

DUEL = Medium(name="duel", module="gan_plane.js", keys=frozenset({"duel"}))
