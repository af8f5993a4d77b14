"""What a CLIP run measures and its pictures show, with vectors set by hand: rows are dances, columns musics."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models import clip
from playground.concept import Refused
from playground.concepts.clip import probes, views
from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.experiment import ClipExperiment
from playground.concepts.clip.questions import FindDance, FindMusic, Pair
from playground.data.dance import RATE, load_dance, motion, music, piece
from tests.figures.reading import grows, heatmap, points, title, trace


def made(**config: Any) -> ClipExperiment:
    torch.manual_seed(0)
    return ClipExperiment(ClipConfig(**{"feature_dim": 8, "network": "mlp", **config}))


def with_vectors(a: torch.Tensor, b: torch.Tensor, **config: Any) -> ClipExperiment:
    """Held-out clips that have these vectors, of motion and of music, in every arm."""
    experiment = made(**config)
    experiment.vectors_cache = (experiment.steps_taken, {name: (a, b) for name in experiment.arms})
    return experiment


@pytest.fixture
def shifted() -> ClipExperiment:
    """64 clips of 32 frames: the music of clip i is near to the dance of clip i + 1."""
    a = F.normalize(torch.randn(64, 32, 8, generator=torch.Generator().manual_seed(1)), dim=-1)
    return with_vectors(a, a.roll(-1, 0))


def test_rows_are_dances_and_columns_musics(shifted: ClipExperiment) -> None:
    figure = views.clip_matrix(shifted, {})
    table = heatmap(figure)
    assert table.shape == (64, 64)
    assert all(table[i + 1, i] == pytest.approx(1) for i in range(63)) and table[0, 5] < 0.9
    assert (title(figure, "xaxis"), title(figure, "yaxis")) == ("music of clip", "dance of clip")
    assert grows(figure, "xaxis") == 1 and grows(figure, "yaxis") == -1
    assert probes.clicked_pair(shifted, 3.2, 40.4) == {"music": 3, "dance": 40}


def test_the_moments_of_a_clip_have_a_matrix_of_their_own(shifted: ClipExperiment) -> None:
    a, b = shifted.vectors()
    np.testing.assert_allclose(heatmap(views.frame_matrix(shifted, {})), (a[0] @ b[0].T).numpy(), atol=1e-3)


def test_recall_is_measured_both_ways_on_heldout_clips(shifted: ClipExperiment) -> None:
    assert shifted.heldout_metrics("")["heldout/clip_recall_at_1"] == 0
    right = with_vectors(*[shifted.vectors()[0]] * 2)
    found = right.heldout_metrics("")
    assert found["heldout/clip_recall_at_1"] == found["heldout/frame_recall_at_1"] == 1
    assert found["alignment"] == pytest.approx(0, abs=1e-6) and found["modality_gap"] == pytest.approx(0, abs=1e-6)


def test_heldout_clips_are_never_trained_on() -> None:
    experiment = made(batch=64)
    data = load_dance()
    known = {data.motion[i].tobytes() for i in data.heldout}
    for _ in range(8):
        moves, sounds = experiment.next_batch()
        assert not known & {row.numpy().tobytes() for row in moves}
        for move, sound in zip(moves[:5], sounds[:5], strict=True):
            i = int((torch.from_numpy(data.motion) == move).all(-1).all(-1).nonzero())
            assert np.array_equal(data.music[i], sound.numpy())  # what belongs together stays together


def test_without_training_retrieval_is_at_chance() -> None:
    assert made(seed=0).heldout_metrics("")["heldout/clip_recall_at_5"] < 0.3  # chance 5/64


@pytest.mark.parametrize(
    ("config", "expected"),
    [({"contrast": "frames"}, "frames"), ({}, "clips"), ({"loss": "sigmoid"}, "sigmoid")],
)
def test_each_objective_is_its_formula(config: dict[str, Any], expected: str) -> None:
    experiment = made(beside=False, **config)
    arm = experiment.arms[""]
    moves, sounds = experiment.motion[:6], experiment.music[:6]
    a, b = arm.model(moves, sounds)
    if expected == "frames":
        right = sum(clip.info_nce(a @ b.mT / 0.07)) / 2  # type: ignore[arg-type]
    else:
        cosines = torch.einsum("isd,jsd->ij", a, b) / 32
        right = (
            clip.sigmoid_loss(cosines, torch.tensor(10.0), torch.tensor(-10.0))
            if expected == "sigmoid" else sum(clip.info_nce(cosines / 0.07)) / 2  # type: ignore[arg-type]
        )  # fmt: skip
    torch.testing.assert_close(arm(moves, sounds), right)


def test_scales_begin_where_they_should_and_are_capped() -> None:
    starts = {kind: made(scale=kind).arms[""].scale().item() for kind in ("exponential", "linear", "fixed")}
    assert starts == {"exponential": pytest.approx(1 / 0.07), "linear": 1.0, "fixed": 1.0}
    experiment = made(scale="exponential")
    with torch.no_grad():
        experiment.arms[""].scale_parameter.fill_(9.0)
    assert experiment.arms[""].scale().item() == 100
    notes = experiment.arms["notes/"]
    assert (notes.contrast, notes.loss, notes.kind) == ("frames", "InfoNCE", "linear")
    fixed = made(scale="fixed", beside=False)
    for _ in range(3):
        fixed.step()
    assert fixed.arms[""].scale().item() == 1


def test_progress_names_its_series_and_draws_the_floor() -> None:
    experiment = made(scale="fixed", contrast="frames", beside=True)
    names = {"heldout/clip_recall_at_1": "clip R@1", "heldout/frame_recall_at_1": "frame R@1", "train/loss": "loss"}
    history = {
        prefix + metric: ([1, 2], [i + (0.5 if prefix else 0), 0.25])
        for i, metric in enumerate(names) for prefix in ("", "notes/")
    }  # fmt: skip
    figure = views.progress(experiment, history)
    for i, name in enumerate(names.values()):
        assert trace(figure, name)["y"] == [i, 0.25] and trace(figure, f"the notes' {name}")["y"] == [i + 0.5, 0.25]
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [pytest.approx(2.488, abs=1e-3)]
    assert views.fixed_floors(made(scale="fixed", batch=16, beside=False)) == [clip.loss_floor(16, 1.0)]
    assert views.fixed_floors(made()) == []


def test_a_line_joins_each_dance_to_its_music(shifted: ClipExperiment) -> None:
    figure = views.plane(shifted, {})
    dances, musics = points(trace(figure, "dance")), points(trace(figure, "music"))
    lines = points(trace(figure, "pairs"))
    assert [lines[3 * i] for i in range(64)] == dances and [lines[3 * i + 1] for i in range(64)] == musics
    assert dances[1] == musics[0]


def test_a_pair_is_shown_with_its_own_sound_and_rank(shifted: ClipExperiment) -> None:
    shown = probes.pair(shifted, Pair(dance=4, music=3))["dance"]
    assert "cos 1.00, 1. of 64" in shown["dancers"][0]["about"] and "don't belong" in shown["dancers"][0]["about"]
    assert "they belong together" in probes.pair(shifted, Pair(dance=3, music=3))["dance"]["dancers"][0]["about"]
    np.testing.assert_allclose(shown["dancers"][0]["joints"], motion(piece(256 + 4)), atol=1e-3)
    with wave.open(io.BytesIO(base64.b64decode(shown["sounds"][0]["src"].partition(",")[2]))) as file:
        assert file.getframerate() == RATE
        played = np.frombuffer(file.readframes(10**6), "<i2") / 32767
    np.testing.assert_allclose(played, music(piece(256 + 3)), atol=1e-4)


def test_the_nearest_are_found_both_ways(shifted: ClipExperiment) -> None:
    dances = probes.find_dance(shifted, FindDance(music=3))["dance"]["dancers"]
    assert len(dances) == 3 and dances[0]["title"].startswith("dance 4:") and "cos 1.00" in dances[0]["about"]
    musics = probes.find_music(shifted, FindMusic(dance=4))["dance"]["sounds"]
    assert len(musics) == 3 and musics[0]["title"].startswith("music 3:")
    with pytest.raises(Refused, match="notes' model is not trained"):
        probes.pair(made(beside=False), Pair(model="the notes'"))
