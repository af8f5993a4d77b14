"""The medium of this tab's own: the chart of the codes, with the ellipse of the one that is pointed at."""

from playground.concept import Medium

LATENT_PLANE = Medium.chart("latent_plane", "latent_plane.js")
