"""What the lesson and presets of the CLIP tab state."""

from __future__ import annotations

from models.clip import loss_floor
from tests.benchmarks.lessons.rows import CLIP, Measured, row, trained

CLIPS, MOMENTS = "heldout/clip_recall_at_1", "heldout/frame_recall_at_1"
STEPS = 500


@row(CLIP, "Who contrasts frames finds moments, and by keeping time most clips; who contrasts clips finds few moments",
     "clip and frame R@1: ≥ 0.9, < 0.5; the notes' ≥ 0.8, ≥ 0.8")  # fmt: skip
def clips_or_moments() -> Measured:
    latest = trained(CLIP).latest
    found = [latest[prefix + name] for prefix in ("main/", "notes/") for name in (CLIPS, MOMENTS)]
    return found, found[0] >= 0.9 and found[1] < 0.5 and found[2] >= 0.8 and found[3] >= 0.8


@row(CLIP, "With a scale of 1 the loss can't go under the floor, however good the vectors are", "floor ≤ loss < + 2 %")
def floor() -> Measured:
    found = [loss_floor(32, 1.0), trained(CLIP, "fixed", with_frame_objective=False, steps=STEPS).latest["train/loss"]]
    return found, found[0] <= found[1] < 1.02 * found[0]


@row(CLIP, "A digit belongs to the class whose caption is nearest; false negatives keep the loss above 0",
     "zero-shot accuracy ≥ 0.93, loss > 1")  # fmt: skip
def captions() -> Measured:
    latest = trained(CLIP, "captions", steps=STEPS).latest
    found = [latest["heldout/zero_shot_accuracy"], latest["train/loss"]]
    return found, found[0] >= 0.93 and found[1] > 1


@row(CLIP, "CLIP's scale begins at 14.3, the notes' at 1", "14.3, 1.0")
def scales() -> Measured:
    run = trained(CLIP, steps=1)
    found = [run.latest["main/scale"], run.latest["notes/scale"]]
    return found, abs(found[0] - 14.3) < 0.1 and abs(found[1] - 1) < 0.01
