"""`python -m playground` as a user types it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file
from typer.testing import CliRunner

from playground.cli import _summary, app
from playground.concepts import CONCEPTS
from playground.concepts.autoencoder.config import AutoencoderConfig
from playground.engine.run import Run
from tests.toy import TOY, ToyConfig

ROOT = Path(__file__).resolve().parents[1]
AUTOENCODER = next(c for c in CONCEPTS if c.slug == "autoencoder")


def call(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_list_and_describe_know_every_concept() -> None:
    code, out, _ = call("list")
    assert code == 0
    for concept in CONCEPTS:
        assert concept.slug in out
        code, about, _ = call("describe", concept.slug)
        assert code == 0
        for name in [*concept.config.model_fields, *(p.name for p in concept.presets)]:
            assert name in about


def test_json_lines_are_the_apps_numbers_to_the_bit() -> None:
    code, out, _ = call("train", "autoencoder", "--steps", "7", "--seed", "3", "--set", "latent=5", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    run = Run(AUTOENCODER, AutoencoderConfig(steps=7, schedule=7, seed=3, latent=5))
    rows = run.advance(600).rows
    assert code == 0
    assert [(line["step"], line["metrics"]) for line in lines[:-1]] == rows
    assert lines[-1] == {"step": 7, "metrics": run.latest, "final": True}


def test_out_writes_metrics_checkpoint_and_pictures(tmp_path: Path) -> None:
    code, _, _ = call("train", "autoencoder", "--preset", "cvae", "--steps", "3", "--out", str(tmp_path))
    assert code == 0
    run = Run(AUTOENCODER, AutoencoderConfig(model="CVAE", steps=3, schedule=3))
    run.advance(600)
    with (tmp_path / "metrics.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [int(row["step"]) for row in table] == [1, 2, 3]
    assert [float(row["batch/kl"]) for row in table] == run.history["batch/kl"][1]
    for split in ("train", "heldout"):
        assert table[0][f"{split}/neg_elbo"] and not table[1][f"{split}/neg_elbo"]
    weights = load_file(tmp_path / "checkpoint.safetensors")
    for name, tensor in run.experiment.state_dict()["model"].items():
        assert weights[f"model.{name}"].equal(tensor)
    assert json.loads((tmp_path / "config.json").read_text())["config"] == run.config.model_dump()
    for view in AUTOENCODER.views:
        page = (tmp_path / f"{view.name}.html").read_text()
        assert 'src="plotly.min.js"' in page and "https://cdn" not in page
    assert (tmp_path / "plotly.min.js").stat().st_size > 1e6


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("train", "autoencodr"), "autoencodr: there is no such concept; did you mean autoencoder?"),
        (("train", "autoencoder", "--set", "bta=3"), "bta: there is no such setting; did you mean beta"),
        (("train", "autoencoder", "--set", "beta"), "--set beta: a knob is set as KEY=VALUE"),
        (("train", "autoencoder", "--set", "beta=99"),
         "KL weight (beta): '99' is too large; the largest allowed value is 50."),
        (("train", "autoencoder", "--set", "latent=two"), "Latent size (latent): 'two' is not a whole number."),
        (("train", "autoencoder", "--steps", "0"), "Steps (steps): 0 is too small; the smallest allowed value is 1."),
        (("train", "gan", "--preset", "digits", "--set", "d_steps=10"),
         "Batch size × D steps a step is 320; for digits it may be at most 256. Lower D steps a step to 8 or"),
        (("train", "autoencoder", "--preset", "nothing"), "--preset nothing: no such preset; there are:"),
        (("describe", "x"), "x: there is no such concept; there are:"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    code, out, err = call(*arguments)
    assert code == 2 and not out
    assert err.startswith(sentence) and err.count("\n") == 1


def test_a_diverged_run_ends_with_its_last_numbers_and_exit_code_one() -> None:
    code, out, _ = call("train", "autoencoder", "--set", "lr=10", "--steps", "40", "--json")
    last = json.loads(out.splitlines()[-1])
    assert code == 1 and last["final"] and "diverged at step" in last["error"] and last["metrics"]


def test_a_missing_data_file_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "playground", "train", "autoencoder", "--steps", "1"]
    elsewhere = {**os.environ, "PLAYGROUND_DATA": str(tmp_path / "no.npz")}
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=elsewhere)
    assert result.returncode == 2 and "no.npz is missing" in result.stderr and "Traceback" not in result.stderr


def test_an_arm_that_diverged_is_told_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(TOY, ToyConfig(networks="two"))
    run.advance(600, max_steps=12)
    _summary(run)
    assert "wild diverged at step 8 and is frozen there; the others trained on." in capsys.readouterr().out
