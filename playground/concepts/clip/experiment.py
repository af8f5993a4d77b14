"""One training run: motion and music finding each other, in CLIP's way and in the notes'."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from models import clip
from playground.concepts.clip.config import ClipConfig
from playground.data.dance import Dance, load_dance

MEASURE_EVERY = 25
"""Steps between two measurements on held-out clips."""


class Arm(nn.Module):
    """A model with its scale, trained on the same batches as the other one."""

    def __init__(self, config: ClipConfig, data: Dance, contrast: str, loss: str, scale: str) -> None:
        super().__init__()
        self.contrast, self.loss, self.kind = contrast, loss, scale
        dims = data.motion.shape[-1], data.music.shape[-1]
        self.model = clip.Clip(*dims, config.feature_dim, config.network)
        start = torch.tensor(10.0 if loss == "sigmoid" else 1 / 0.07)
        self.scale_parameter = nn.Parameter(start.log() if scale == "exponential" else torch.tensor(1.0))
        self.scale_parameter.requires_grad_(scale != "fixed")
        self.bias = nn.Parameter(torch.tensor(-10.0), requires_grad=loss == "sigmoid")

    def scale(self) -> Tensor:
        """t: what the cosines are multiplied by; the notes call it temperature, which is its inverse."""
        if self.kind == "exponential":
            return self.scale_parameter.exp().clamp(max=clip.MAX_SCALE)
        return self.scale_parameter

    def forward(self, motion: Tensor, music: Tensor) -> Tensor:
        a, b = self.model(motion, music)  # (batch, frames, d) each
        if self.contrast == "clips":
            a, b = clip.whole_clip(a), clip.whole_clip(b)  # (batch, d)
        cosines = clip.similarity(a, b)  # (batch, batch) or (batch, frames, frames)
        if self.loss == "sigmoid":
            return self.sigmoid(cosines)
        motion_to_music, music_to_motion = clip.info_nce(self.scale() * cosines)
        return (motion_to_music + music_to_motion) / 2

    def sigmoid(self, cosines: Tensor) -> Tensor:
        """The mean over clips where frames are contrasted."""
        each = cosines if cosines.dim() == 3 else cosines[None]
        return torch.stack([clip.sigmoid_loss(one, self.scale(), self.bias) for one in each]).mean()


class ClipExperiment:
    """Trains with AdamW on batches drawn without repetition."""

    def __init__(self, config: ClipConfig) -> None:
        self.config = config
        self.data = load_dance()
        self.motion, self.music = (torch.from_numpy(x) for x in (self.data.motion, self.data.music))
        self.heldout = self.data.heldout
        held_out = set(self.heldout)
        self.train = torch.tensor([i for i in range(len(self.motion)) if i not in held_out])
        self.arms = {"": Arm(config, self.data, config.contrast, config.loss, config.scale)}
        if config.beside:
            self.arms["notes/"] = Arm(config, self.data, "frames", "InfoNCE", "linear")
        parameters = [p for arm in self.arms.values() for p in arm.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(parameters, lr=config.lr, weight_decay=0.05, fused=True)
        self.steps_taken = 0
        self.vectors_cache: tuple[Any, ...] = (-1,)

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
            metrics |= {f"{name}train/loss": loss.item(), f"{name}scale": arm.scale().item()}
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
        return self.motion[chosen, window], self.music[chosen, window]

    @torch.no_grad()
    def vectors(self, name: str = "") -> tuple[Tensor, Tensor]:
        """(held-out clips, frames, d) of motion and of music, the same for all pictures of a step."""
        step, *known = self.vectors_cache
        if step != self.steps_taken:
            pair = self.motion[self.heldout], self.music[self.heldout]
            known = [{key: arm.model(*pair) for key, arm in self.arms.items()}]
            self.vectors_cache = (self.steps_taken, *known)
        return known[0][name]

    def heldout_metrics(self, name: str) -> dict[str, float]:
        """Retrieval among the held-out clips, and among the frames of each; the mean of both directions."""
        a, b = self.vectors(name)
        whole = clip.whole_clip(a), clip.whole_clip(b)
        found = {"modality_gap": clip.modality_gap(*whole), "alignment": clip.alignment(*whole),
                 "uniformity": (clip.uniformity(whole[0]) + clip.uniformity(whole[1])) / 2}  # fmt: skip
        for what, cosines in (("clip", clip.similarity(*whole)), ("frame", clip.similarity(a, b))):
            for k in (1, 5):
                rows, columns = clip.recall_at(cosines, k)
                found[f"heldout/{what}_recall_at_{k}"] = (rows + columns) / 2
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
        self.vectors_cache = (-1,)
