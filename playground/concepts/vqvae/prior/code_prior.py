"""The second stage: a causal transformer learns the frozen codes, and draws new ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.digit_classifier import DigitClassifier
from models.transformer import ModelConfig, Transformer
from playground.capture import evaluating
from playground.data.digit_classifier import classifier_weights
from playground.training.schedules import warm_up_and_cosine

WIDTH, HEADS, LAYERS, EMBEDDING_SCALE = 64, 4, 2, 0.1
"""Embeddings of the usual size, N(0, 1), would drown what the first steps add to them: nats a code fall later."""
BATCH, LR, WEIGHT_DECAY, WARM_UP, HORIZON, LEAST_RATE = 32, 8e-3, 0.1, 50, 1500, 1 / 20
"""AdamW's learning rate rises for WARM_UP steps, then falls as a cosine to a twentieth over HORIZON steps."""
SHIFT = 1
"""Pixels by which a batch's digits are moved at random: 4,500 maps of codes are soon known by heart."""
MEASURE_EVERY, MEASURED = 50, 200
"""Steps between two measurements, and held-out maps that they take."""
SAMPLES, KEPT = 16, 64
"""Maps drawn at a time, and the newest of them that are judged together."""
CONFIDENT = 0.8
"""Of the fixed classifier, to count a digit as recognised."""


class CodePrior:
    """p(k) = Π p(kᵢ | k₁ … kᵢ₋₁) over the places of a map, row by row."""

    def __init__(
        self,
        train: Tensor,
        originals: Tensor,
        count: int,
        encode: Callable[[Tensor], Tensor],
        decode: Callable[[Tensor], Tensor],
    ) -> None:
        """
        train, originals: (n, 784) training and held-out images, or (n, 2) points
        count: K
        encode, decode: images → (n, places) codes, and back; frozen
        """
        self.train, self.originals, self.start, self.encode, self.decode = train, originals, count, encode, decode
        with torch.no_grad():
            self.codes, self.heldout = encode(train), encode(originals)  # (n, places)
        places = self.codes.shape[1]
        self.images = places > 1
        self.model = Transformer(
            ModelConfig(
                vocabulary=count + 1,  # and the beginning of a map
                max_tokens=places, encoder_layers=0, decoder_layers=LAYERS, width=WIDTH, heads=HEADS,
                positions="learned",
            )
        )  # fmt: skip
        with torch.no_grad():
            for module in self.model.modules():
                if isinstance(module, nn.Embedding):
                    module.weight.mul_(EMBEDDING_SCALE)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=LR, weight_decay=WEIGHT_DECAY, fused=True)
        self.steps_taken = 0
        self.judge = DigitClassifier.fixed(classifier_weights())
        self.drawn = torch.empty(0, places, dtype=torch.long)
        """(KEPT, places) at most: the newest draws, the newest first"""
        self.compared: dict[str, float] = {}

    def step(self) -> dict[str, float]:
        self.steps_taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = LR * warm_up_and_cosine(self.steps_taken, WARM_UP, HORIZON, LEAST_RATE)
        x = self.train[torch.randint(len(self.train), (BATCH,))]
        with torch.no_grad():
            k = self.encode(self.moved(x))  # (batch, places)
        logits = self.model.decode(self.shifted(k))  # (batch, places, K + 1)
        loss = F.cross_entropy(logits.flatten(0, 1), k.flatten())

        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

        metrics = {"prior/train_loss": loss.item()}
        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics["prior/heldout_loss"] = self.heldout_loss()
            metrics |= self.recognised() if self.images else {}
        return metrics

    def moved(self, x: Tensor) -> Tensor:
        """(batch, 784) images, all moved by the same pixel or none."""
        if not self.images:
            return x
        by = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
        return x.view(-1, 28, 28).roll(by, (1, 2)).flatten(1)

    def shifted(self, k: Tensor) -> Tensor:
        """Every place sees the codes before it: the start token, then all codes but the last."""
        start = torch.full((len(k), 1), self.start)
        return torch.cat([start, k[:, :-1]], dim=1)

    @torch.no_grad()
    def heldout_loss(self) -> float:
        """Nats a code, on the maps of examples never trained on."""
        with evaluating(self.model):
            k = self.heldout[:MEASURED]
            logits = self.model.decode(self.shifted(k))
        return F.cross_entropy(logits.flatten(0, 1), k.flatten()).item()

    @torch.no_grad()
    def sample(self, count: int, generator: torch.Generator, temperature: float = 1.0) -> Tensor:
        """(count, places) codes, drawn place by place from p(kᵢ | those before) ^ (1 / temperature)."""
        text = torch.full((count, 1), self.start)
        with evaluating(self.model):
            for _ in range(self.codes.shape[1]):
                logits = self.model.decode(text)[:, -1, : self.start]  # (count, K): no map begins in its middle
                p = (logits / temperature).softmax(-1)
                text = torch.cat([text, torch.multinomial(p, 1, generator=generator)], dim=1)
        return text[:, 1:]

    def independent(self, count: int, generator: torch.Generator) -> Tensor:
        """(count, places) codes drawn for each place by themselves: as often as they stand there in training maps."""
        rows = torch.randint(len(self.codes), (count, self.codes.shape[1]), generator=generator)
        return self.codes.gather(0, rows)

    @torch.no_grad()
    def confidence(self, images: Tensor) -> Tensor:
        """(n, 784) → (n,) the classifier's probability of the class that it sees."""
        return self.judge(images).softmax(-1).amax(-1)

    def recognised(self) -> dict[str, float]:
        """Share of digits on which the fixed classifier is confident: the prior's, and what to compare them with."""
        generator = torch.Generator().manual_seed(self.steps_taken)
        self.drawn = torch.cat([self.sample(SAMPLES, generator), self.drawn])[:KEPT]
        if not self.compared:  # these stay as they are: the codes are frozen
            alone = self.independent(len(self.heldout), generator)
            self.compared = {
                "recognised/real": self.share(self.originals),
                "recognised/reconstructions": self.share(self.decode(self.heldout)),
                "recognised/independent": self.share(self.decode(alone)),
            }
        return {"recognised/samples": self.share(self.decode(self.drawn)), **self.compared}

    def share(self, images: Tensor) -> float:
        return (self.confidence(images) >= CONFIDENT).float().mean().item()

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(),
            "steps_taken": self.steps_taken, "drawn": self.drawn, "compared": self.compared,
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps_taken, self.drawn, self.compared = state["steps_taken"], state["drawn"], state["compared"]
