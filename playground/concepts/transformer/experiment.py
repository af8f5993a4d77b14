"""One training run of a transformer on endless strings."""

from __future__ import annotations

import json
import math
import random
import zlib
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.transformer import Maps, Shape, Transformer, greedy
from playground.concepts.transformer import measures
from playground.concepts.transformer.config import TransformerConfig
from playground.data.strings import BEGIN, PAD, TASKS, period

EVERY = 50
"""Steps between two measurements on held-out strings."""
HELDOUT = 128
WARM_UP = 50

Gates = dict[str, Tensor]


def labels(source: Tensor, answer: Tensor) -> Tensor:
    """Answers without their beginning and end, a label for every token of the source."""
    return answer[:, 1 : source.shape[1] + 1].where(source != PAD, PAD)


def held_out(pair: tuple[str, str]) -> bool:
    """A tenth of all answers are never trained on, a date in none of its spellings (repeat: a tenth of all texts)."""
    source, answer = pair
    return zlib.crc32((answer or source).encode()) % 10 == 0


class TransformerExperiment:
    """Trains with AdamW; every batch is new."""

    def __init__(self, config: TransformerConfig) -> None:
        self.config, self.task = config, TASKS[config.task]
        self.parts = config.parts
        self.rng = random.Random(config.seed)
        self.model = Transformer(
            Shape(
                vocabulary=self.task.vocabulary, longest=self.task.longest + self.task.answer + 2, heads=config.heads,
                encoder=config.layers if self.parts != "decoder" else 0,
                decoder=config.layers if self.parts != "encoder" else 0,
                width=config.heads * config.d_k, positions=config.positions, pre_norm=config.norm == "pre",
                scaled=config.scaled, causal=config.causal, residual=config.residual, layer_norm=config.layer_norm,
                dropout=config.dropout,
            )
        )  # fmt: skip
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=config.lr, betas=(0.9, 0.98), fused=True)
        self.taken = 0
        self.last: dict[str, tuple[int, ...]] = {}
        self.entropies: list[tuple[int, list[list[float]]]] = []
        """(step, every layer's heads' mean entropy in nats) at each measurement; encoder, decoder, cross in turn."""
        self.heldout_pairs = self._pairs(random.Random(20_000 + config.seed), HELDOUT, True)
        self.heldout = self._batch(self.heldout_pairs)

    def _pairs(self, rng: random.Random, count: int, heldout: bool) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        while len(found) < count:
            pair = self.task.pair(rng)
            if held_out(pair) == heldout:
                found.append(pair)
        return found

    def _batch(self, pairs: list[tuple[str, str]]) -> tuple[Tensor, Tensor]:
        source, answer = self.task.tokens(pairs)
        return torch.from_numpy(source), torch.from_numpy(answer)

    def step(self) -> dict[str, float]:
        source, answer = self._batch(self._pairs(self.rng, self.config.batch, False))
        self.taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr * self._rate()

        logits, target = self.predict(source, answer)
        self.last = {"x": tuple(source.shape), "logits": tuple(logits.shape), "target": tuple(target.shape)}
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PAD)

        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()

        metrics = {"train/loss": loss.item()}
        if self.taken == 1 or self.taken % EVERY == 0:
            metrics |= self._measure()
        return metrics

    def _rate(self) -> float:
        """Up over the warm-up, then down a cosine to a twentieth."""
        if self.taken < WARM_UP:
            return self.taken / WARM_UP
        return 0.525 + 0.475 * math.cos(math.pi * min(1.0, self.taken / self.config.steps))

    def predict(self, source: Tensor, answer: Tensor, maps: Maps | None = None) -> tuple[Tensor, Tensor]:
        """Logits (batch, tokens, vocabulary) and what they should be (batch, tokens), the answer being known."""
        seen = (source != PAD)[:, None, None]  # (batch, 1, 1, source)
        if self.parts == "encoder":
            return self.model.label(source, seen, maps), labels(source, answer)
        if self.parts == "decoder":
            text, given = self.joined(source, answer)
            asked = torch.arange(1, text.shape[1]) >= given[:, None]
            return self.model.decode(text[:, :-1], maps=maps)[0], text[:, 1:].where(asked, PAD)
        memory = self.model.encode(source, seen, maps)
        return self.model.decode(answer[:, :-1], memory, seen, maps=maps)[0], answer[:, 1:]

    def joined(self, source: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
        """Source and answer as one text for a decoder alone, and how many tokens of it are given (batch,)."""
        if self.config.task == "repeat":
            return source, torch.ones(len(source), dtype=torch.long)
        text = torch.cat([source, answer], dim=1)
        order = (text == PAD).int().argsort(dim=1, stable=True)  # no padding between the two
        return text.gather(1, order), (source != PAD).sum(1) + 1  # the answer's beginning is given too

    @torch.no_grad()
    def _measure(self) -> dict[str, float]:
        """On held-out strings: loss, exact answers given freely, what the heads look at."""
        self.model.eval()
        source, answer = self.heldout
        maps = Maps()
        logits, target = self.predict(source, answer, maps)
        found = {
            "heldout/loss": F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PAD).item(),
            "heldout/sequence_accuracy": self.exact(),
        }
        rows = [measures.entropy(weights).tolist() for weights in measures.kinds(maps)]
        self.entropies.append((self.taken, rows))
        found["attention/entropy"] = sum(map(sum, rows)) / sum(map(len, rows))
        if self.config.task == "reverse":
            layers = {"encoder": maps.encoder, "decoder": maps.decoder}.get(self.parts, maps.cross)
            lengths = (source != PAD).sum(1).tolist()
            found["heldout/antidiagonal"] = measures.antidiagonal(layers, lengths, self.parts == "decoder")
        if self.config.task == "repeat":
            periods = [period(text) for text, _ in self.heldout_pairs]
            found["induction_score"] = measures.induction(maps.decoder, periods)
        self.model.train()
        return found

    def rows(self) -> list[tuple[str, int]]:
        """(kind, layer) of everything that attends, in the order of `measures.kinds`."""
        shape = self.model.shape
        cross = shape.decoder if shape.encoder else 0
        counts = (("encoder", shape.encoder), ("decoder", shape.decoder), ("cross", cross))
        return [(kind, layer) for kind, layers in counts for layer in range(layers)]

    def free(self, source: Tensor, gates: Gates) -> Tensor:
        """Answers without help, (batch, tokens): one token after the other, or a label for each."""
        seen = (source != PAD)[:, None, None]
        if self.parts == "encoder":
            return self.model.label(source, seen, gates=gates.get("encoder")).argmax(-1)
        memory = self.model.encode(source, seen, gates=gates.get("encoder"))
        begun = torch.full((len(source), 1), BEGIN)
        return greedy(self.model, memory, seen, begun, self.task.answer + 1, gates.get("decoder"))[:, 1:]

    def continued(self, text: Tensor, given: Tensor, gates: Gates) -> Tensor:
        """(decoder alone) `text` of which each row's first `given` tokens are kept, (batch, tokens)."""
        out = new = text[:, :1]
        past = None
        for t in range(1, text.shape[1]):
            logits, past = self.model.decode(new, past=past, gates=gates.get("decoder"))
            new = torch.where(given[:, None] > t, text[:, t : t + 1], logits[:, -1:].argmax(-1))
            out = torch.cat([out, new], dim=1)
        return out

    @torch.no_grad()
    def exact(self, gates: Gates | None = None, count: int = HELDOUT) -> float:
        """Share of held-out strings whose free-running greedy answer is right in every token.

        gates: "encoder" and "decoder" → (layers, 2, heads), 0 for heads that are off
        """
        gates, training = gates or {}, self.model.training
        source, answer = (column[:count] for column in self.heldout)
        self.model.eval()
        if self.parts == "decoder":
            target, given = self.joined(source, answer)
            if self.config.task == "repeat":  # the second copy's first two tokens tell where the segment ends
                given = torch.tensor([period(text) + 2 for text, _ in self.heldout_pairs[:count]])
            found = self.continued(target, given, gates)
        elif self.parts == "encoder":
            target, found = labels(source, answer), self.free(source, gates)
        else:
            target = answer[:, 1:]
            found = self.free(source, gates)[:, : target.shape[1]]
        self.model.train(training)
        return ((found == target) | (target == PAD)).all(1).float().mean().item()

    def tune(self, config: TransformerConfig) -> None:
        self.config = config
        for part in self.model.modules():
            if isinstance(part, nn.Dropout):
                part.p = config.dropout

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "random": json.dumps(self.rng.getstate()),
            "entropies": self.entropies,
            "taken": self.taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        version, numbers, gauss = json.loads(state["random"])
        self.rng.setstate((version, tuple(numbers), gauss))
        self.entropies, self.taken = list(state["entropies"]), state["taken"]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return self.last
