"""What each line of the notes' derivation is worth, against closed forms of Gaussians and hand-made cases."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import orjson
import pytest
import torch

from playground.concepts.elbo.config import ElboConfig
from playground.concepts.elbo.inference.derivation import derivation
from playground.concepts.elbo.inference.experiment import InferenceExperiment

HOLD = [True] * 4 + [False] * 4, [True] * 6 + [False] + [True] * 3 + [False]
"""Of the lines as they stand in the notes, where q is not the prior."""
MENDED = [2, 3, 4, 5, 6, 7], [5, 6, 10]
"""Lines that have a correction; the first two of the first derivation and one of the second only write another name."""


def made(**config: Any) -> InferenceExperiment:
    torch.manual_seed(0)
    return InferenceExperiment(ElboConfig(**config))


def parts(**config: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    first, second = derivation(made(**config), {})["derivation"]["parts"]
    return first["lines"], second["lines"]


def closed(x: float, m: float, sigma: float) -> dict[str, float]:
    """Of the linear model x | z ~ N(2 z, ½) with q = N(m, σ²), by hand."""
    evidence = -0.5 * x**2 / 4.5 - 0.5 * math.log(2 * math.pi * 4.5)
    likelihood = -((x - 2 * m) ** 2 + 4 * sigma**2) - 0.5 * math.log(math.pi)
    q_prior = (m**2 + sigma**2 - 1) / 2 - math.log(sigma)
    prior_q = math.log(sigma) + (1 + m**2) / (2 * sigma**2) - 0.5
    post_m, post_v = 2 * x / 4.5, 0.5 / 4.5
    gap = 0.5 * math.log(post_v) - math.log(sigma) + (sigma**2 + (m - post_m) ** 2) / (2 * post_v) - 0.5
    return {"evidence": evidence, "likelihood": likelihood, "q_prior": q_prior, "prior_q": prior_q, "gap": gap}


def near(value: float) -> Any:
    return pytest.approx(value, abs=2e-6)  # config.sigma and m are as exact as q's float64 parameters


@pytest.mark.parametrize(("x", "m", "sigma"), [(1.5, 0.2, 0.6), (-0.7, 1.1, 0.35), (3.0, -2.0, 2.5)])
def test_every_line_of_the_first_derivation_by_hand(x: float, m: float, sigma: float) -> None:
    lines, _ = parts(model="linear", x=x, mean=m, sigma=sigma)
    c = closed(x, m, sigma)
    bound = c["likelihood"] - c["q_prior"]
    assert bound + c["gap"] == near(c["evidence"])
    for line in lines[:4]:
        assert (line["left"], line["right"], line["off"]) == (near(c["evidence"]), near(c["evidence"]), near(0))
    for line in lines[4:7]:
        assert (line["left"], line["right"]) == (near(c["evidence"]), near(c["likelihood"] + c["gap"]))
        assert line["off"] == near(c["q_prior"])
    assert (lines[7]["left"], lines[7]["right"]) == (near(c["likelihood"]), near(bound))
    assert lines[7]["off"] == near(-c["q_prior"])
    for line in lines[2:7]:
        assert (line["mended"]["left"], line["mended"]["right"]) == (near(c["evidence"]), near(c["evidence"]))
    assert (lines[7]["mended"]["left"], lines[7]["mended"]["right"]) == (near(bound), near(bound))


@pytest.mark.parametrize(("x", "m", "sigma"), [(1.5, 0.2, 0.6), (-0.7, 1.1, 0.35), (3.0, -2.0, 2.5)])
def test_every_line_of_the_second_derivation_by_hand(x: float, m: float, sigma: float) -> None:
    _, lines = parts(model="linear", x=x, mean=m, sigma=sigma)
    c = closed(x, m, sigma)
    bound = c["likelihood"] - c["q_prior"]
    for line in lines[:6]:
        assert (line["left"], line["right"]) == (near(c["gap"]), near(c["gap"]))
    assert (lines[6]["left"], lines[6]["right"]) == (near(c["evidence"]), near(-bound + c["gap"]))
    assert lines[6]["off"] == near(-2 * bound)
    for line in lines[7:10]:
        assert (line["left"], line["right"]) == (near(bound), near(bound))
    assert (lines[10]["left"], lines[10]["right"]) == (near(bound), near(c["likelihood"] + c["prior_q"]))
    assert lines[10]["off"] == near(c["prior_q"] + c["q_prior"])
    for i, value in ((5, c["gap"]), (6, c["evidence"]), (10, bound)):
        assert (lines[i]["mended"]["left"], lines[i]["mended"]["right"]) == (near(value), near(value))


def test_the_printed_digits() -> None:
    first, second = parts(model="linear", x=1.5, mean=0.2, sigma=0.6)
    assert first[0]["left"] == pytest.approx(-1.92098, abs=5e-6)
    assert second[7]["right"] == pytest.approx(-3.43319, abs=5e-6)


CONFIGS = {
    "linear": {"model": "linear"}, "modes": {"model": "modes"}, "curved": {"model": "curved"},
    "linear-two": {"model": "linear", "family": "two-gaussians"},
    "two": {"model": "modes", "family": "two-gaussians"}, "mean-field": {"model": "curved", "covariance": "mean-field"},
}  # fmt: skip


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_which_lines_hold_for_any_q(config: dict[str, Any]) -> None:
    random = np.random.default_rng(7)
    for _ in range(12):
        knobs = dict(zip(("mean", "mean2"), random.uniform(-4, 4, 2).tolist(), strict=True))
        knobs |= dict(zip(("sigma", "sigma2"), np.exp(random.uniform(math.log(0.05), math.log(3), 2)), strict=True))
        knobs |= {"x": random.uniform(-3, 4), "weight": random.uniform(0.02, 0.98)}
        knobs["correlation"] = random.uniform(-0.95, 0.95)
        for lines, hold, mended in zip(parts(**config, **knobs), HOLD, MENDED, strict=True):
            assert [line["holds"] for line in lines] == hold, knobs
            assert [i for i, line in enumerate(lines) if line["mended"]] == mended
            for i in mended:
                assert lines[i]["mended"]["holds"] and abs(lines[i]["mended"]["off"]) < 1e-6, (i, knobs)
            for line in lines:
                assert line["holds"] == (abs(line["off"]) < 1e-6) and line["off"] == near(line["right"] - line["left"])


def test_where_q_is_the_prior_only_the_flipped_sign_fails() -> None:
    first, second = parts(model="modes", mean=0.0, sigma=1.0)
    assert all(line["holds"] for line in first)
    assert [i for i, line in enumerate(second) if not line["holds"]] == [6]


def test_it_is_q_as_trained_and_the_x_at_hand() -> None:
    one = made(model="linear", x=1.5, mean=-1.0, sigma=2.0)
    with torch.no_grad():
        one.arms.first.q.mean.fill_(0.2)
        one.arms.first.q.log_sigma.fill_(math.log(0.6))
    lines = derivation(one, {})["derivation"]["parts"][1]["lines"]
    assert lines[7]["right"] == pytest.approx(-3.43319, abs=5e-6)
    one.update_live(one.config.model_copy(update={"x": 0.0}))
    evidence = derivation(one, {})["derivation"]["parts"][0]["lines"][0]["left"]
    assert evidence == pytest.approx(-0.5 * math.log(2 * math.pi * 4.5), abs=1e-8)


def test_the_first_arm_of_three_is_that_of_the_bound() -> None:
    one = made(model="linear", objective="all", x=1.5)
    with torch.no_grad():
        for arm, mean in (("reverse_kl", 0.2), ("forward_kl", 3.0), ("iwae", -3.0)):
            one.arms[arm].q.mean.fill_(mean)
            one.arms[arm].q.log_sigma.fill_(math.log(0.6))
    assert derivation(one, {})["derivation"]["parts"][1]["lines"][7]["right"] == pytest.approx(-3.43319, abs=5e-6)


def test_the_notes_write_p_phi_six_times() -> None:
    first, second = parts()
    slips = r"\wrong{p_\phi(z)}"
    assert sum(line["tex"].count(slips) for line in first) == 6
    assert sum(line["mended"]["tex"].count(r"\mended{q_\phi(z)}") for line in first if line["mended"]) == 6
    for line in (*first, *second):
        assert (r"\wrong" in line["tex"]) == (line["mended"] is not None)
        if line["mended"]:
            assert r"\wrong" not in line["mended"]["tex"] and r"\mended" in line["mended"]["tex"]
            assert "p_\\phi" not in line["mended"]["tex"] and line["mended"]["note"]


def test_formulas_have_pairs_of_braces() -> None:
    for lines in parts():
        for tex in [line["tex"] for line in lines] + [line["mended"]["tex"] for line in lines if line["mended"]]:
            bare = re.sub(r"\\[{}]", "", tex)
            assert bare.count("{") == bare.count("}") and tex.count("[") == tex.count("]")
            assert tex.count("(") == tex.count(")")


def test_numbers_that_are_not_finite_are_null() -> None:
    one = made()
    with torch.no_grad():
        one.arms.first.q.mean.fill_(1e200)
    first = derivation(one, {})["derivation"]["parts"][0]["lines"]
    assert first[4]["right"] is None and first[4]["off"] is None and not first[4]["holds"]
    assert first[0]["holds"]
    orjson.dumps(first)


def test_drawing_changes_nothing() -> None:
    one = made()
    state, before = torch.get_rng_state(), {k: v.clone() for k, v in one.arms.first.q.state_dict().items()}
    derivation(one, {})
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(v, before[k]) for k, v in one.arms.first.q.state_dict().items())
