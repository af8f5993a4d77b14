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
from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.dance import probes, views
from playground.concepts.clip.dance.experiment import DanceExperiment
from playground.concepts.clip.dance.questions import FindDance, FindMusic, Pair
from playground.concepts.clip.dance.sound_features import HOP, SoundFeatures, features_of_upload
from playground.data.dance import motion, music, piece
from playground.data.dance_clips import load_dance
from playground.data.sound import RATE
from tests.figures.reading import grows, headings, heatmap, points, title, trace


def made(**config: Any) -> DanceExperiment:
    torch.manual_seed(0)
    return DanceExperiment(ClipConfig(**{"feature_dim": 8, "network": "mlp", **config}))


def with_vectors(a: torch.Tensor, b: torch.Tensor, **config: Any) -> DanceExperiment:
    """Held-out clips that have these vectors, of motion and of music, in every arm."""
    experiment = made(**config)
    experiment.__dict__["vectors"] = lambda arm: (a, b)
    return experiment


def main_metrics(experiment: DanceExperiment) -> dict[str, float]:
    return experiment.heldout_metrics(experiment.arms["main"])


@pytest.fixture
def shifted() -> DanceExperiment:
    """64 clips of 32 frames: the music of clip i is near to the dance of clip i + 1."""
    a = F.normalize(torch.randn(64, 32, 8, generator=torch.Generator().manual_seed(1)), dim=-1)
    return with_vectors(a, a.roll(-1, 0))


def test_rows_are_dances_and_columns_musics(shifted: DanceExperiment) -> None:
    figure = views.clip_matrix(shifted, {})
    table = heatmap(figure)
    assert table.shape == (64, 64)
    assert all(table[i + 1, i] == pytest.approx(1) for i in range(63)) and table[0, 5] < 0.9
    assert (title(figure, "xaxis"), title(figure, "yaxis")) == ("music of clip", "dance of clip")
    assert grows(figure, "xaxis") == 1 and grows(figure, "yaxis") == -1
    assert probes.clicked_pair(shifted, 3.2, 40.4) == {"music": 3, "dance": 40}


def test_the_moments_of_a_clip_have_a_matrix_of_their_own(shifted: DanceExperiment) -> None:
    a, b = shifted.vectors(shifted.arms["main"])
    np.testing.assert_allclose(heatmap(views.frame_matrix(shifted, {})), (a[0] @ b[0].T).numpy(), atol=1e-3)


def test_recall_is_measured_both_ways_on_heldout_clips(shifted: DanceExperiment) -> None:
    assert main_metrics(shifted)["heldout/clip_recall_at_1"] == 0
    right = with_vectors(*[shifted.vectors(shifted.arms["main"])[0]] * 2)
    found = main_metrics(right)
    assert found["heldout/clip_recall_at_1"] == found["heldout/frame_recall_at_1"] == 1
    assert found["alignment"] == pytest.approx(0, abs=1e-6) and found["modality_gap"] == pytest.approx(0, abs=1e-6)


def test_heldout_clips_are_never_trained_on() -> None:
    experiment = made(batch=64, input_dropout=0.0)
    data = load_dance()
    known = {data.standardised_motion[i].tobytes() for i in data.heldout}
    for _ in range(8):
        moves, sounds = experiment.next_batch()
        assert not known & {row.numpy().tobytes() for row in moves}
        for move, sound in zip(moves[:5], sounds[:5], strict=True):
            i = int((experiment.motion == move).all(-1).all(-1).nonzero())
            assert i in data.train and np.array_equal(
                data.standardised_music[i], sound.numpy()
            )  # what belongs together stays together


def test_without_training_retrieval_is_at_chance() -> None:
    assert main_metrics(made(seed=0))["heldout/clip_recall_at_5"] < 0.3  # chance 5/64


def test_input_dropout_hides_whole_features_of_a_clip_and_keeps_the_mean() -> None:
    experiment = made(input_dropout=0.75)
    x = torch.ones(50, 7, 400)
    hidden = experiment.with_dropout(x)
    assert (hidden == hidden[:, :1]).all(), "the same features in all frames"
    assert set(hidden.unique().tolist()) == {0.0, 4.0}
    assert hidden.mean().item() == pytest.approx(1, abs=0.05)
    assert not (hidden[0, 0] == hidden[1, 0]).all()
    experiment.update_live(ClipConfig(input_dropout=0.0))
    assert (experiment.with_dropout(x) == x).all()


def test_music_shuffled_among_the_training_clips_teaches_nothing_about_heldout_ones() -> None:
    """Whatever gave a pair away but what it sounds like (its number, its place) would be found all the same."""
    experiment = made(with_frame_objective=False, feature_dim=32, network="conv", input_dropout=0.0)
    order = torch.randperm(len(experiment.training_clips))
    music = experiment.music.clone()
    music[experiment.training_clips] = music[experiment.training_clips][order]
    experiment.music = music
    honest = made(with_frame_objective=False, feature_dim=32, network="conv", input_dropout=0.0)
    for _ in range(100):
        experiment.step()
        honest.step()
    assert main_metrics(experiment)["heldout/clip_recall_at_5"] < 0.25  # chance is 5/64 = 0.08
    assert main_metrics(honest)["heldout/clip_recall_at_5"] > 0.8


@pytest.mark.parametrize(
    ("config", "expected"),
    [({"contrast": "frames"}, "frames"), ({}, "clips"), ({"loss": "sigmoid"}, "sigmoid")],
)
def test_each_objective_is_its_formula(config: dict[str, Any], expected: str) -> None:
    experiment = made(with_frame_objective=False, **config)
    arm = experiment.arms["main"]
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
    assert experiment.train(arm, moves, sounds)["train/loss"] == pytest.approx(right.item(), rel=1e-5)


def test_scales_begin_where_they_should_and_are_capped() -> None:
    starts = {
        kind: made(scale=kind).arms["main"].objective.scale().item() for kind in ("exponential", "linear", "fixed")
    }
    assert starts == {"exponential": pytest.approx(1 / 0.07), "linear": 1.0, "fixed": 1.0}
    experiment = made(scale="exponential")
    with torch.no_grad():
        experiment.arms["main"].objective.scale_parameter.fill_(9.0)
    assert experiment.arms["main"].objective.scale().item() == 100
    notes = experiment.arms["notes"]
    assert (notes.contrast, notes.objective.loss, notes.objective.kind) == ("frames", "InfoNCE", "linear")
    fixed = made(scale="fixed", with_frame_objective=False)
    for _ in range(3):
        fixed.step()
    assert fixed.arms["main"].objective.scale().item() == 1


def test_progress_names_its_series_and_draws_the_floor() -> None:
    experiment = made(scale="fixed", contrast="frames", with_frame_objective=True)
    names = {"heldout/clip_recall_at_1": "clip R@1", "heldout/frame_recall_at_1": "frame R@1", "train/loss": "loss"}
    history = {
        prefix + metric: ([1, 2], [i + (0.5 if prefix == "notes/" else 0), 0.25])
        for i, metric in enumerate(names) for prefix in ("main/", "notes/")
    }  # fmt: skip
    figure = views.progress(experiment, history)
    assert headings(figure) == ("recall at 1", "loss, nats")
    for i, name in enumerate(names.values()):
        assert trace(figure, name)["y"] == [i, 0.25] and trace(figure, f"the notes' {name}")["y"] == [i + 0.5, 0.25]
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [pytest.approx(2.488, abs=1e-3)]
    assert views.fixed_floors(made(scale="fixed", batch=16, with_frame_objective=False)) == [clip.loss_floor(16, 1.0)]
    assert views.fixed_floors(made()) == []


def test_a_line_joins_each_dance_to_its_music(shifted: DanceExperiment) -> None:
    figure = views.projection(shifted, {})
    dances, musics = points(trace(figure, "dance")), points(trace(figure, "music"))
    lines = points(trace(figure, "pairs"))
    assert [lines[3 * i] for i in range(64)] == dances and [lines[3 * i + 1] for i in range(64)] == musics
    assert dances[1] == musics[0]


def test_a_pair_is_shown_with_its_own_sound_and_rank(shifted: DanceExperiment) -> None:
    shown = probes.pair(shifted, Pair(dance=4, music=3))["dance"]
    assert "cos 1.00, 1. of 64" in shown["dancers"][0]["about"] and "don't belong" in shown["dancers"][0]["about"]
    assert "they belong together" in probes.pair(shifted, Pair(dance=3, music=3))["dance"]["dancers"][0]["about"]
    np.testing.assert_allclose(shown["dancers"][0]["joints"], motion(piece(256 + 4)), atol=1e-3)
    assert (shown["head"], shown["left"][0], shown["right"][0]) == (4, 5, 10)
    with wave.open(io.BytesIO(base64.b64decode(shown["sounds"][0]["src"].partition(",")[2]))) as file:
        assert file.getframerate() == RATE
        played = np.frombuffer(file.readframes(10**6), "<i2") / 32767
    np.testing.assert_allclose(played, music(piece(256 + 3)), atol=1e-4)


def test_each_way_of_retrieval_is_measured_by_itself() -> None:
    """All dances find their music; all musics find dance 0 first, and their own second."""
    axes = torch.eye(66)  # of clip i the i-th; what all musics share; what all dances but one share
    shared, other = axes[64], axes[65]
    b = F.normalize(shared + axes[:64], dim=1)
    a = F.normalize(0.5 * axes[:64] + other, dim=1)
    a[0] = F.normalize(shared + 0.1 * axes[0], dim=0)
    found = main_metrics(with_vectors(a[:, None], b[:, None]))
    assert found["heldout/motion_to_music_at_1"] == 1
    assert found["heldout/music_to_motion_at_1"] == pytest.approx(1 / 64)
    assert found["heldout/music_to_motion_at_5"] == 1
    assert found["heldout/clip_recall_at_1"] == pytest.approx((1 + 1 / 64) / 2)


def test_the_nearest_are_found_both_ways(shifted: DanceExperiment) -> None:
    dances = probes.find_dance(shifted, features_of_upload(FindDance(music=3)))["dance"]["dancers"]
    assert len(dances) == 3 and dances[0]["title"].startswith("dance 4:") and "cos 1.00" in dances[0]["about"]
    musics = probes.find_music(shifted, FindMusic(dance=4))["dance"]["sounds"]
    assert len(musics) == 3 and musics[0]["title"].startswith("music 3:")
    with pytest.raises(Refused, match="notes' model is not trained"):
        probes.pair(made(with_frame_objective=False), Pair(model="notes"))


def test_a_visitors_music_is_shown_with_the_stretch_that_some_dance_fits_best(shifted: DanceExperiment) -> None:
    rows = np.random.default_rng(0).standard_normal((3, 32, 438)).astype(np.float32)
    raw = rows * np.maximum(load_dance().music[:256].std((0, 1)), 1e-3) + load_dance().music[:256].mean((0, 1))
    vectors = shifted.arms["main"].model.encode_music(torch.from_numpy(rows)).detach()  # of the three stretches
    a = shifted.vectors(shifted.arms["main"])[0].clone()
    a[9], a[5] = vectors[2], F.normalize(vectors[2] + vectors[1], dim=-1)
    experiment = with_vectors(a, a)
    experiment.arms = shifted.arms
    sound = np.arange(10 * RATE, dtype=np.float32) / (10 * RATE)
    shown = probes.find_dance(experiment, SoundFeatures(FindDance(), sound, raw))["dance"]
    assert [d["title"].split(":")[0] for d in shown["dancers"][:2]] == ["dance 9", "dance 5"]
    assert "cos 1.00" in shown["dancers"][0]["about"] and "its own" not in shown["dancers"][0]["about"]
    assert shown["sounds"][0]["title"] == f"your music, from {2 * HOP / 10:.1f} s on"
    with wave.open(io.BytesIO(base64.b64decode(shown["sounds"][0]["src"].partition(",")[2]))) as file:
        first = np.frombuffer(file.readframes(1), "<i2")[0] / 32767
    assert first == pytest.approx(2 * HOP / 10 / 10, abs=1e-3)


def test_a_sound_is_heard_in_overlapping_stretches_and_a_bad_one_is_refused() -> None:
    from playground.data.dance import Piece

    sound = music(Piece(120, 0, 2, 1.0, 0, 0, 3), after=1.0)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((32767 * sound).astype("<i2").tobytes())
    url = "data:audio/wav;base64," + base64.b64encode(buffer.getvalue()).decode()
    found = features_of_upload(FindDance(sound=url))
    assert found.stretches is not None and found.stretches.shape == (3, 32, 438)
    np.testing.assert_array_equal(found.stretches[1, 0], found.stretches[0, HOP])
    np.testing.assert_allclose(found.stretch(1), sound[round(0.4 * RATE) :][: round(3.2 * RATE)], atol=1e-4)
    assert features_of_upload(FindDance()).stretches is None
    with pytest.raises(Refused, match="not a sound"):
        features_of_upload(FindDance(sound="data:audio/wav;base64,AAAA"))


def test_retrieval_is_drawn_both_ways() -> None:
    history = {f"main/heldout/{way}_at_{k}": ([1, 2], [0.1 * k, 0.5]) for way in ("motion_to_music", "music_to_motion")
               for k in (1, 5)}  # fmt: skip
    figure = views.retrieval(made(), history)
    assert trace(figure, "motion → music R@5")["y"] == [0.5, 0.5] and trace(figure, "music → motion R@1")["y"] == [
        0.1,
        0.5,
    ]


def test_a_number_beyond_the_heldout_clips_is_refused(shifted: DanceExperiment) -> None:
    shifted.heldout = shifted.heldout[:12]
    with pytest.raises(Refused, match=r"Dance: 12 is more than 11"):
        probes.find_music(shifted, FindMusic(dance=12))
