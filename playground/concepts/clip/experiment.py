"""One training run: motion and music finding each other, in CLIP's way and in the notes'."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from models import clip
from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.objective import Objective
from playground.data.dance_clips import Dance, load_dance

MEASURE_EVERY = 25
"""Steps between two measurements on held-out clips."""


class Arm(nn.Module):
    """A model with its objective, trained on the same batches as the other one."""

    def __init__(self, config: ClipConfig, data: Dance, contrast: str, loss: str, scale: str) -> None:
        super().__init__()
        self.contrast = contrast
        dims = data.standardised_motion.shape[-1], data.standardised_music.shape[-1]
        self.model = clip.Clip(*dims, config.feature_dim, config.network)
        self.objective = Objective(loss, scale)

    def forward(self, motion: Tensor, music: Tensor) -> Tensor:
        a, b = self.model(motion, music)  # (batch, frames, d) each
        if self.contrast == "clips":
            a, b = clip.whole_clip(a), clip.whole_clip(b)  # (batch, d)
        return self.objective(clip.similarity(a, b))  # (batch, batch) or (batch, frames, frames)


class ClipExperiment:
    """Trains with AdamW on batches drawn without repetition."""

    def __init__(self, config: ClipConfig) -> None:
        self.config = config
        self.data = load_dance()
        self.motion = torch.from_numpy(self.data.standardised_motion)  # (clips, 32, 75)
        self.music = torch.from_numpy(self.data.standardised_music)  # (clips, 32, 438)
        self.train, self.heldout = torch.tensor(self.data.train), self.data.heldout
        self.arms = {"": Arm(config, self.data, config.contrast, config.loss, config.scale)}
        if config.beside:
            self.arms["notes/"] = Arm(config, self.data, "frames", "InfoNCE", "linear")
        parameters = [p for arm in self.arms.values() for p in arm.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(parameters, lr=config.lr, weight_decay=0.05, fused=True)
        self.steps_taken = 0
        self.vectors_cache: tuple[int, dict[str, tuple[Tensor, Tensor]]] = (-1, {})

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr
        motion, music = self.next_batch()  # (batch, frames, 75), (batch, frames, 438)

        self.optimiser.zero_grad()
        metrics: dict[str, float] = {}
        for name, arm in self.arms.items():
            loss = arm(motion, music)
            loss.backward()
            metrics |= {f"{name}train/loss": loss.item(), f"{name}scale": arm.objective.scale().item()}
        self.optimiser.step()

        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            for name in self.arms:
                metrics |= self.heldout_metrics(name)
        return metrics

    def next_batch(self) -> tuple[Tensor, Tensor]:
        chosen = self.train[torch.randperm(len(self.train))[: self.config.batch]]
        frames = self.config.frames
        start = int(torch.randint(self.motion.shape[1] - frames + 1, ()))
        window = slice(start, start + frames)
        return self.with_dropout(self.motion[chosen, window]), self.with_dropout(self.music[chosen, window])

    def with_dropout(self, x: Tensor) -> Tensor:
        """Hides some features of each clip, the same ones in all of its frames."""
        kept = torch.rand(len(x), 1, x.shape[2]) >= self.config.input_dropout
        return x * kept / (1 - self.config.input_dropout)

    @torch.no_grad()
    def vectors(self, name: str = "") -> tuple[Tensor, Tensor]:
        """(held-out clips, frames, d) of motion and of music, the same for all pictures of a step."""
        if self.vectors_cache[0] != self.steps_taken:
            self.vectors_cache = (self.steps_taken, {})
        known = self.vectors_cache[1]
        if name not in known:  # the pictures of the notes' model are out of sight most of the time
            known[name] = self.arms[name].model(self.motion[self.heldout], self.music[self.heldout])
        return known[name]

    def heldout_metrics(self, name: str) -> dict[str, float]:
        """Retrieval among the held-out clips, and among the frames of each; the mean of both directions."""
        a, b = self.vectors(name)
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
        return {name + key: value.item() for key, value in found.items()}

    def update_live(self, config: ClipConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {
            "arms": {name or "main": arm.state_dict() for name, arm in self.arms.items()},
            "optimiser": self.optimiser.state_dict(),
            "steps_taken": self.steps_taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name, arm in self.arms.items():
            arm.load_state_dict(state["arms"][name or "main"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps_taken = state["steps_taken"]
        self.vectors_cache = (-1, {})
