"""Pictures of EM: points and Gaussians of both arms, the bound that touches the log-likelihood, and both over steps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.gaussian_mixture import GaussianMixture, bound, log_likelihood, maximised, responsibilities
from playground.concept import Figure, History
from playground.concepts.elbo.em.experiment import EMExperiment, Fit
from playground.concepts.elbo.texts import say
from playground.figures.base import figure, rounded
from playground.figures.charts import RIGHT, STEP_AXIS, path, two_charts
from playground.figures.charts import bounds as bounds_of
from playground.palette import NOTES, STANDARD

COLOURS = (0, 1, 2, 4, 9)
"""Numbers of the Gaussians' colours in the palette."""
LINE = torch.linspace(-0.4, 1.6, 61, dtype=torch.float64)
"""Places on the line through the parameters before an M-step (0) and after it (1)."""
ARM_COLOURS = {"exact": STANDARD, "restricted": NOTES}
LEAST_SPAN = 0.004
"""Nats that a vertical axis shows, at least: at the end of EM the curves are flat."""


def mixture(experiment: EMExperiment, history: History) -> Figure:
    """Points, responsibilities and Gaussians of both arms; the medium has the buttons for both halves."""
    low, high = bounds_of(experiment.x.numpy())
    arms = [
        {"name": name, "title": title_of(name, fit), **panel(fit), **named(experiment.measured(fit))}
        for name, fit in experiment.arms.items()
    ]
    return {"mixture": {
        "points": rounded(experiment.x, 2), "low": low, "high": high, "due": experiment.due, "arms": arms,
        "colours": list(COLOURS[: experiment.config.parts]), "halves": experiment.halves,
    }}  # fmt: skip


def title_of(name: str, fit: Fit) -> str:
    if fit.family == "exact":
        return say("arms.exact")
    words = say.part("figures.mixture")
    return f"{say(f'arms.{name}')}: {words('hard') if fit.family == 'hard' else words('shared')}"


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
    ticks = {"tickvals": [0, 1], "ticktext": [words("before"), words("after")], "title": {"text": words("x")}}
    ticks |= {"rangemode": "normal", "range": [LINE[0].item(), LINE[-1].item()]}
    left, right = (title_of(name, fit) for name, fit in experiment.arms.items())
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
    """Log-likelihood and bound of both arms over the half-steps, with those by hand."""
    words, traces = say.part("figures.bounds"), []
    first = experiment.halves - len(experiment.log) + 1
    steps = list(range(first, experiment.halves + 1))
    rows = torch.tensor([values for _, values in experiment.log], dtype=torch.float64)
    for number, (name, colour) in enumerate(ARM_COLOURS.items()):
        for column, dash in enumerate(("solid", "dot")):
            what = words("bound" if column else "log_likelihood", arm=say(f"arms.{name}"))
            line = path(steps, rounded(rows[:, 2 * number + column], 6), colour, width=2, dash=dash)
            traces.append(line | {"name": what, "hovertemplate": words("hover", name=what)})
    touched = [row for row, (half, _) in enumerate(experiment.log) if half == "e"]
    for number, (name, colour) in enumerate(ARM_COLOURS.items()):
        dots = {"color": colour, "size": 6, "symbol": "diamond"}
        what = words("after_e", arm=say(f"arms.{name}"))
        traces.append({
            "type": "scatter", "mode": "markers", "x": [steps[row] for row in touched], "marker": dots, "name": what,
            "y": rounded(rows[touched, 2 * number + 1], 6), "showlegend": False,
            "hovertemplate": words("hover", name=what),
        })  # fmt: skip
    axis = {**STEP_AXIS, "title": {"text": words("x")}, "rangemode": "normal"}
    legend = {"orientation": "h", "y": 1, "yanchor": "bottom"}
    return figure(traces, "bounds", showlegend=True, legend=legend, xaxis=axis, yaxis={"title": {"text": words("y")}})
