"""The bound as the browser computes it, in Node.js, against models/elbo.py."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import elbo
from models.elbo import Q
from playground.concepts.elbo.exact import MODELS, log_evidence

STATIC = Path(__file__).resolve().parents[2] / "playground" / "concepts" / "elbo" / "static"


def evaluate(expression: str, given: Any = None) -> Any:
    """What a JavaScript expression of the module `m` and the value `given` comes to."""
    node = shutil.which("node")
    assert node, "tests/run installs a Node.js where there is none"
    script = (
        f'import * as m from "{(STATIC / "bound_arithmetic.js").as_uri()}"; import {{ readFileSync }} from "node:fs";'
        f"const given = JSON.parse(readFileSync(0)); console.log(JSON.stringify({expression}));"
    )
    run = subprocess.run(
        [node, "--input-type=module", "-e", script], input=json.dumps(given), capture_output=True, text=True, check=True
    )  # fmt: skip
    return json.loads(run.stdout)


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


def drawn(rng: np.random.Generator, name: str, parts: int) -> tuple[dict[str, Any], Q]:
    """A q within the bounds of the knobs, for both sides."""
    size = MODELS[name].size
    mean, sigma = rng.uniform(-4, 4, (parts, size)), np.exp(rng.uniform(np.log(0.05), np.log(3), (parts, size)))
    share = rng.uniform(0.02, 0.98)
    weight = np.array([share, 1 - share] if parts == 2 else [1.0])
    correlation = None if size == 1 or rng.random() < 0.3 else rng.uniform(-0.95, 0.95)
    given = {"mean": mean.tolist(), "sigma": sigma.tolist(), "weight": weight.tolist(), "correlation": correlation}
    return given, Q(torch.tensor(mean), torch.tensor(sigma), torch.tensor(weight), correlation)


CASES = (("linear", 1, 250), ("linear", 2, 200), ("modes", 1, 250), ("modes", 2, 200), ("curved", 1, 300))


@pytest.mark.parametrize(("name", "parts", "count"), CASES)
@torch.no_grad()
def test_the_terms_of_a_q_are_pythons(name: str, parts: int, count: int) -> None:
    rng, model = np.random.default_rng(parts), MODELS[name]
    given, expected = [], []
    for _ in range(count):
        x, (q, reference) = rng.uniform(-3, 4), drawn(rng, name, parts)
        given.append({"model": name, "x": x, "q": q})
        bound, evidence = elbo.elbo(model, x, reference).item(), log_evidence(model, x)
        terms = (elbo.reconstruction(model, x, reference).item(), elbo.kl_to_prior(reference).item())
        expected.append([evidence, bound, evidence - bound, *terms])
    order = "[t.logEvidence, t.elbo, t.gap, t.reconstruction, t.klToPrior]"
    found = evaluate(f"given.map(({{ model, x, q }}) => m.termsOf(m.MODELS[model], x, q)).map((t) => {order})", given)
    close(found, expected)


def test_the_models_are_those_of_the_runs() -> None:
    for name, found in evaluate("m.MODELS").items():
        model = MODELS[name]
        assert found == pytest.approx({"a": model.a, "b": model.b, "s": model.s, "size": model.size}, rel=1e-15)


@torch.no_grad()
def test_the_densities_are_pythons() -> None:
    rng = np.random.default_rng(5)
    z = rng.uniform(-4, 4, 40)
    given, q = drawn(rng, "modes", 2)
    found = evaluate("given.z.map((z) => m.logDensity(given.q, z))", {"z": z.tolist(), "q": given})
    close(found, q.log_prob(torch.tensor(z)[:, None]).numpy())
    places = rng.uniform(-4, 4, (40, 2))
    script = "given.map((z) => m.logLikelihood(m.MODELS.curved, 1.3, z) + m.logPrior(z))"
    joint = MODELS["curved"].log_joint(1.3, torch.tensor(places))
    close(evaluate(script, places.tolist()), joint.numpy())


def test_by_hand() -> None:
    """z ~ N(0, 1), x | z ~ N(2z, ½), x = 1.5 and q = N(0.2, 0.6²): the numbers of SCIENCE.md."""
    q = {"mean": [[0.2]], "sigma": [[0.6]], "weight": [1], "correlation": None}
    found = evaluate("m.termsOf(m.MODELS.linear, 1.5, given)", q)
    assert found["logEvidence"] == pytest.approx(-1.92098, abs=5e-6)
    assert found["elbo"] == pytest.approx(-3.43319, abs=5e-6)
    assert evaluate("m.logEvidence(m.MODELS.modes, 1)") == pytest.approx(-1.4853, abs=5e-5)
    best = {"mean": [[2 * 1.5 / 4.5]], "sigma": [[1 / 3]], "weight": [1], "correlation": None}  # the posterior itself
    assert evaluate("m.termsOf(m.MODELS.linear, 1.5, given)", best)["gap"] == pytest.approx(0, abs=1e-12)
