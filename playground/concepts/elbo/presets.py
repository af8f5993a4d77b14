"""Configs worth looking at."""

from playground.concept import Preset

PRESETS = (
    Preset(name="left-mode", config={"mean": -0.3, "gradient": "exact"}),
    Preset(name="linear", config={"model": "linear", "x": 1.5, "mean": 0.2, "sigma": 0.6}),
    Preset(name="two-gaussians", config={"family": "two-gaussians", "mean": -0.5, "mean2": 0.5}),
    Preset(name="three-objectives", config={"objective": "all"}),
    Preset(name="score-function", config={"gradient": "score"}),
    Preset(name="curved", config={"model": "curved", "x": 2.0, "mean": 0.8, "mean2": 0.0}),
    Preset(
        name="curved-mean-field",
        config={"model": "curved", "covariance": "mean-field", "x": 2.0, "mean": 0.8, "mean2": 0.0},
    ),
    Preset(name="flipped-sign", config={"sign": "plus", "lr": 0.2}),
    Preset(name="amortised", config={"model": "amortised"}),
    Preset(name="em", config={"model": "mixture", "steps": 60}),
)
