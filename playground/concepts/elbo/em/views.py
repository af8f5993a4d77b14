"""Pictures of EM: points and Gaussians of both arms, the bound that touches the log-likelihood, and both over steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from models.gaussian_mixture import GaussianMixture, bound, log_likelihood, maximised, responsibilities
from playground.concept import Figure, History
from playground.concepts.elbo.em.experiment import EMExperiment, Fit
from playground.concepts.elbo.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import LEGEND_ABOVE, RIGHT, STEP_AXIS, path, two_charts
from playground.figures.charts import bounds as bounds_of
from playground.palette import NOTES, STANDARD

COLOURS = (0, 1, 2, 4, 9)
"""Numbers of the Gaussians' colours in the palette."""
LINE = torch.linspace(-0.4, 1.6, 61, dtype=torch.float64)
"""Places on the line through the parameters before an M-step (0) and after it (1)."""
ARM_COLOURS = {"exact": STANDARD, "restricted": NOTES}
BELOW = 0.2
"""Share of the range of all log-likelihoods that is seen below the lowest one."""
LEAST_SPAN = 0.004
"""Nats that a vertical axis shows, at least: at the end of EM the curves are flat."""


def mixture(experiment: EMExperiment, history: History) -> Figure:
    """Points, responsibilities and Gaussians of both arms; the medium has the buttons for both halves."""
    low, high = bounds_of(experiment.x.numpy())
    arms = [
        {"name": name, "title": title_of(fit), **panel(fit), **named(experiment.measured(fit))}
        for name, fit in experiment.arms.items()
    ]
    return {"mixture": {
        "points": rounded(experiment.x, 2), "low": low, "high": high, "due": experiment.due, "arms": arms,
        "colours": list(COLOURS[: experiment.config.parts]), "halves": experiment.halves,
    }}  # fmt: skip


def title_of(fit: Fit) -> str:
    """What the E-step of an arm may do."""
    return say("arms.exact") if fit.family == "exact" else say(f"figures.mixture.{fit.family}")


def panel(fit: Fit) -> dict[str, Any]:
    """r, and each Gaussian as its share, its centre and its ellipse of one standard deviation."""
    values, vectors = torch.linalg.eigh(fit.mixture.root @ fit.mixture.root.mT)  # the shorter axis first
    long = vectors[:, :, 1]
    gaussians = [
        {"share": share, "x": x, "y": y, "long": half[1], "short": half[0], "angle": angle}
        for share, (x, y), half, angle in zip(
            rounded(fit.mixture.weight), rounded(fit.mixture.mean), rounded(values.sqrt()),
            rounded(torch.atan2(long[:, 1], long[:, 0]), 4), strict=True,
        )
    ]  # fmt: skip
    return {"r": rounded(fit.r, 2), "gaussians": gaussians}


def named(measured: dict[str, float]) -> dict[str, float]:
    return {"logLikelihood": measured["log_likelihood"], "bound": measured["bound"]}


def touching(experiment: EMExperiment, history: History) -> Figure:
    """Log-likelihood and bound on the line from the parameters at the newest E-step to those of its M-step."""
    words, traces = say.part("figures.touching"), []
    axes: dict[str, Any] = {}
    for (name, fit), more in zip(experiment.arms.items(), ({}, RIGHT), strict=True):
        drawn = curves(experiment, fit, ARM_COLOURS[name])
        traces += [trace | more | {"showlegend": not more} for trace in drawn]
        heights = [y for trace in drawn for y in trace["y"]]
        axes["yaxis2" if more else "yaxis"] = {"range": span(heights)}
    ticks = {"tickvals": [0, 1], "ticktext": [words("before"), words("after")], "title": {}}
    ticks |= {"rangemode": "normal", "range": [LINE[0].item(), LINE[-1].item()]}
    left, right = map(title_of, experiment.arms.values())
    return figure(
        traces, "touching", showlegend=True, **two_charts(left, right, xaxis=ticks, xaxis2=ticks, **axes)
    )  # fmt: skip


def curves(experiment: EMExperiment, fit: Fit, colour: str) -> list[dict[str, Any]]:
    """Both curves of an arm, and marks on the bound; the larger mark is where the run stands."""
    words, x = say.part("figures.touching"), experiment.x
    newest = fit.r if experiment.halves else responsibilities(x, fit.mixture, fit.family)
    on_line = between(fit.before, maximised(x, newest, fit.before), LINE)
    ends = between(fit.before, maximised(x, newest, fit.before), torch.tensor([0.0, 1.0], dtype=torch.float64))
    hover = say("figures.touching.hover")
    likelihood = path(LINE.tolist(), rounded(log_likelihood(x, on_line), 6), colour, width=2.5)
    of_bound = path(LINE.tolist(), rounded(bound(x, on_line, fit.r), 6), colour, width=2, dash="dot")
    traces = [
        likelihood | {"name": words("log_likelihood"), "hovertemplate": hover},
        of_bound | {"name": words("bound"), "hovertemplate": hover},
    ]
    heights = rounded(bound(x, ends, fit.r), 6)
    if not experiment.halves:
        return [*traces, mark(0, heights[0], words("start"), colour, is_here=True)]
    return [
        *traces,
        mark(0, heights[0], words("after_e"), colour, is_here=experiment.due == "m"),
        mark(1, heights[1], words("after_m"), colour, is_here=experiment.due == "e"),
    ]


def mark(at: float, height: float, name: str, colour: str, is_here: bool) -> dict[str, Any]:
    """A diamond after an E-step, a circle after an M-step; filled and large where the run stands."""
    shape = "circle" if at else "diamond"
    look = {"color": colour, "size": 13 if is_here else 9, "symbol": shape if is_here else f"{shape}-open"}
    return {"type": "scatter", "mode": "markers", "x": [at], "y": [height], "name": name,
            "marker": look, "hovertemplate": say("figures.touching.hover")}  # fmt: skip


def between(before: GaussianMixture, after: GaussianMixture, t: Tensor) -> GaussianMixture:
    """(places,) → as many mixtures, on the straight line through two of them, where 0 is before and 1 after.

    Means and the lower corner of L move straight, shares and the diagonal of L in their logarithms: each place is a
    mixture, however far out it lies.
    """

    def straight(a: Tensor, b: Tensor) -> Tensor:
        return torch.lerp(a, b, t.view(-1, *[1] * a.dim()))

    weight = straight(*(m.weight.clamp(min=1e-12).log() for m in (before, after))).softmax(-1)
    root = straight(before.root.tril(-1), after.root.tril(-1))
    diagonal = straight(*(m.root.diagonal(dim1=1, dim2=2).log() for m in (before, after))).exp()
    return GaussianMixture(weight, straight(before.mean, after.mean), root + torch.diag_embed(diagonal))


def span(heights: list[float]) -> list[float]:
    """The range of a vertical axis: what is drawn with a margin, and no less than LEAST_SPAN."""
    low, high = min(heights), max(heights)
    margin = max(0.06 * (high - low), (LEAST_SPAN - (high - low)) / 2)
    return [low - margin, high + margin]


def bounds(experiment: EMExperiment, history: History) -> Figure:
    """Log-likelihood and bound of both arms over the half-steps, with those by hand; a diamond after each E-step.

    A bound that is far below all log-likelihoods leaves the picture, so that one sees where the others touch.
    """
    words, traces = say.part("figures.bounds"), []
    steps = range(experiment.halves - len(experiment.log) + 1, experiment.halves + 1)
    halves, rows = zip(*experiment.log, strict=True)
    values = torch.tensor(rows, dtype=torch.float64)  # (half-steps, 2 · arms)
    for number, (name, fit) in enumerate(experiment.arms.items()):
        of_arm = values[:, 2 * number : 2 * number + 2]
        traces += lines(list(steps), halves, of_arm, title_of(fit), ARM_COLOURS[name])
    low, high = values[:, ::2].min().item(), values.max().item()
    seen = span([low - BELOW * (high - low), high])
    axis = {**STEP_AXIS, "title": {"text": words("x")}, "rangemode": "normal"}
    return figure(
        traces, "bounds", showlegend=True, legend=LEGEND_ABOVE, xaxis=axis,
        yaxis={"title": {"text": words("y")}, "range": seen},
    )  # fmt: skip


def lines(steps: list[int], halves: Sequence[str], values: Tensor, title: str, colour: str) -> list[dict[str, Any]]:
    """values: (half-steps, 2) log-likelihood and bound of one arm"""
    words = say.part("figures.bounds")
    after_e = [row for row, half in enumerate(halves) if half == "e"]
    likelihood, bound = values[:, 0], values[:, 1]
    dots = {"type": "scatter", "mode": "markers", "x": [steps[row] for row in after_e], "y": rounded(bound[after_e], 6),
            "marker": {"color": colour, "size": 6, "symbol": "diamond"}}  # fmt: skip
    named = {
        words("log_likelihood", arm=title): path(steps, rounded(likelihood, 6), colour, width=2),
        words("bound", arm=title): path(steps, rounded(bound, 6), colour, width=2, dash="dot"),
        words("after_e", arm=title): dots,
    }
    about = {name: {"name": name, "hovertemplate": words("hover", name=name)} for name in named}
    return [line | about[name] | {"showlegend": not i} for i, (name, line) in enumerate(named.items())]
