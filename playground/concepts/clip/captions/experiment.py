"""One training run: digits and captions finding each other, in CLIP's way."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models import clip
from models.caption_clip import CaptionClip, ensemble, zero_shot
from playground.concepts.clip.config import ClipConfig
from playground.concepts.clip.objective import Objective
from playground.data.captions import HELDOUT_TEMPLATES, TRAIN_TEMPLATES, VOCABULARY, captions, encode_all
from playground.data.mnist import load_digits
from playground.training.once import forget, once_per_step

MEASURE_EVERY = 25
"""Steps between two measurements on held-out digits and captions."""


class CaptionsExperiment:
    """Trains with AdamW on digits drawn without repetition, each with a caption of its class."""

    def __init__(self, config: ClipConfig) -> None:
        self.config = config
        self.digits = load_digits()
        self.images, self.labels = (torch.from_numpy(x) for x in (self.digits.train_images, self.digits.train_labels))
        self.heldout_images = torch.from_numpy(self.digits.heldout_images)
        self.heldout_labels = torch.from_numpy(self.digits.heldout_labels)
        self.captions = torch.from_numpy(encode_all(captions(TRAIN_TEMPLATES)))  # (10, captions, length)
        self.heldout_texts = captions(HELDOUT_TEMPLATES)
        self.heldout_captions = torch.from_numpy(encode_all(self.heldout_texts))
        self.model = CaptionClip(VOCABULARY, config.feature_dim)
        self.objective = Objective(config.loss, config.scale)
        parameters = [p for p in (*self.model.parameters(), *self.objective.parameters()) if p.requires_grad]
        self.optimiser = torch.optim.AdamW(parameters, lr=config.lr, weight_decay=0.05, fused=True)
        self.steps_taken = 0

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr
        images, captions = self.next_batch()  # (batch, 784), (batch, length)

        a, b = self.model(images, captions)  # (batch, d) each
        loss = self.objective(clip.similarity(a, b))
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

        metrics = {"train/loss": loss.item(), "scale": self.objective.scale().item()}
        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.heldout_metrics()
        return metrics

    def next_batch(self) -> tuple[Tensor, Tensor]:
        """Digits at random, each with a caption of its class.

        As in CLIP, only a digit's own caption counts as its match, although a batch of 32 holds about three digits of
        every class: their captions are right for it too. These false negatives keep the loss well above 0.
        """
        chosen = torch.randperm(len(self.images))[: self.config.batch]
        words = torch.randint(self.captions.shape[1], chosen.shape)
        return self.images[chosen], self.captions[self.labels[chosen], words]

    @once_per_step
    @torch.no_grad()
    def vectors(self) -> tuple[Tensor, Tensor]:
        """(500, d) of the held-out digits and (10, captions, d) of the held-out captions of each class."""
        b = self.model.encode_caption(self.heldout_captions.flatten(0, 1))
        return self.model.encode_image(self.heldout_images), b.unflatten(0, self.heldout_captions.shape[:2])

    def classified(self) -> Tensor:
        """(500,) the class of the captions that each held-out digit is nearest to."""
        a, b = self.vectors()
        return zero_shot(a, ensemble(b))

    def heldout_metrics(self) -> dict[str, float]:
        """Zero-shot classification; the spaces of both kinds, every digit with one held-out caption of its class."""
        a, b = self.vectors()
        own = b[self.heldout_labels, torch.arange(len(a)) % b.shape[1]]  # (500, d)
        found = {"heldout/zero_shot_accuracy": (self.classified() == self.heldout_labels).float().mean(),
                 "modality_gap": clip.modality_gap(a, own), "alignment": clip.alignment(a, own),
                 "uniformity": (clip.uniformity(a) + clip.uniformity(b.flatten(0, 1))) / 2}  # fmt: skip
        return {name: value.item() for name, value in found.items()}

    def update_live(self, config: ClipConfig) -> None:
        self.config = config

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "objective": self.objective.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "steps_taken": self.steps_taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.objective.load_state_dict(state["objective"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps_taken = state["steps_taken"]
        forget(self)
