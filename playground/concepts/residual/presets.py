"""Configs worth looking at."""

from playground.concept import Preset

PRESETS = (
    Preset(name="depth-56", config={}),
    Preset(name="depth-8", config={"depth": 8}),
    Preset(name="degradation", config={"networks": "depths"}),
    Preset(name="no-norm", config={"norm": "none"}),
    Preset(name="zero-start", config={"start": "zero"}),
    Preset(name="zero-start-no-norm", config={"start": "zero", "norm": "none"}),
    Preset(name="pre-activation", config={"block": "pre"}),
    Preset(name="half-shortcut", config={"block": "scaled", "alpha": 0.5}),
    Preset(name="stochastic-depth", config={"survival": 0.5}),
    Preset(name="spirals", config={"data": "spirals", "depth": 20}),
    Preset(name="moons", config={"data": "moons", "depth": 20}),
    Preset(name="images", config={"data": "images", "depth": 20, "lr": 0.1}),
)
