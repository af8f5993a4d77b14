"""One training run: motion and music finding each other, in CLIP's way and in the notes'."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from models import clip
from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.objective import Objective
from playground.data.clips import Clips
from playground.data.dance_clips import load_dance
from playground.training.arms import Arms
from playground.training.once import forget, once_per_step

MEASURE_EVERY = 25
"""Steps between two measurements on held-out clips."""


class Arm:
    """A model with its objective and its optimiser, trained on the same batches as the other one."""

    def __init__(self, config: ClipConfig, data: Clips, contrast: str, loss: str, scale: str) -> None:
        self.contrast = contrast
        dims = data.standardised_motion.shape[-1], data.standardised_music.shape[-1]
        self.model = clip.Clip(*dims, config.feature_dim, config.network)
        self.objective = Objective(loss, scale)
        self.trained = nn.ModuleDict({"model": self.model, "objective": self.objective})
        parameters = [p for p in self.trained.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(parameters, lr=config.lr, weight_decay=0.05, fused=True)

    def state_dict(self) -> dict[str, Any]:
        return {"trained": self.trained.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.trained.load_state_dict(state["trained"])
        self.optimiser.load_state_dict(state["optimiser"])


class DanceExperiment:
    """Trains with AdamW on batches drawn without repetition."""

    def __init__(self, config: ClipConfig) -> None:
        self.config = config
        self.data = load_dance()
        self.motion = torch.from_numpy(self.data.standardised_motion)  # (clips, 32, 75)
        self.music = torch.from_numpy(self.data.standardised_music)  # (clips, 32, 438)
        self.training_clips, self.heldout = torch.tensor(self.data.train), self.data.heldout
        arms = {"main": Arm(config, self.data, config.contrast, config.loss, config.scale)}
        if config.with_frame_objective:
            arms["notes"] = Arm(config, self.data, "frames", "InfoNCE", "linear")
        self.arms = Arms(arms)
        self.steps_taken = 0

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        motion, music = self.next_batch()  # (batch, frames, 75), (batch, frames, 438)
        metrics = self.arms.step(self.steps_taken, lambda arm: self.train(arm, motion, music))
        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.arms.each(self.heldout_metrics)
        return metrics

    def train(self, arm: Arm, motion: Tensor, music: Tensor) -> dict[str, float]:
        for group in arm.optimiser.param_groups:
            group["lr"] = self.config.lr
        a, b = arm.model(motion, music)  # (batch, frames, d) each
        if arm.contrast == "clips":
            a, b = clip.whole_clip(a), clip.whole_clip(b)  # (batch, d)
        loss = arm.objective(clip.similarity(a, b))  # of (batch, batch) or (batch, frames, frames)
        metrics = {"train/loss": loss.item(), "scale": arm.objective.scale().item()}

        arm.optimiser.zero_grad()
        loss.backward()
        arm.optimiser.step()
        return metrics

    def next_batch(self) -> tuple[Tensor, Tensor]:
        chosen = self.training_clips[torch.randperm(len(self.training_clips))[: self.config.batch]]
        frames = self.config.frames
        start = int(torch.randint(self.motion.shape[1] - frames + 1, ()))
        window = slice(start, start + frames)
        return self.with_dropout(self.motion[chosen, window]), self.with_dropout(self.music[chosen, window])

    def with_dropout(self, x: Tensor) -> Tensor:
        """Hides some features of each clip, the same ones in all of its frames."""
        kept = torch.rand(len(x), 1, x.shape[2]) >= self.config.input_dropout
        return x * kept / (1 - self.config.input_dropout)

    @once_per_step
    @torch.no_grad()
    def vectors(self, arm: Arm) -> tuple[Tensor, Tensor]:
        """(held-out clips, frames, d) of motion and of music."""
        a, b = arm.model(self.motion[self.heldout], self.music[self.heldout])
        return a, b

    def heldout_metrics(self, arm: Arm) -> dict[str, float]:
        """Retrieval among the held-out clips, and among the frames of each; the mean of both directions."""
        a, b = self.vectors(arm)
        whole = clip.whole_clip(a), clip.whole_clip(b)
        found = {"modality_gap": clip.modality_gap(*whole), "alignment": clip.alignment(*whole),
                 "uniformity": (clip.uniformity(whole[0]) + clip.uniformity(whole[1])) / 2}  # fmt: skip
        for what, cosines in (("clip", clip.similarity(*whole)), ("frame", clip.similarity(a, b))):
            for k in (1, 5):
                to_music, to_motion = clip.recall_at(cosines, k)  # rows are motion, columns music
                found[f"heldout/{what}_recall_at_{k}"] = (to_music + to_motion) / 2
                if what == "clip":
                    found[f"heldout/motion_to_music_at_{k}"] = to_music
                    found[f"heldout/music_to_motion_at_{k}"] = to_motion
        return {name: value.item() for name, value in found.items()}

    def update_live(self, config: ClipConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {"arms": self.arms.state_dict(), "steps_taken": self.steps_taken}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.arms.load_state_dict(state["arms"])
        self.steps_taken = state["steps_taken"]
        forget(self)
