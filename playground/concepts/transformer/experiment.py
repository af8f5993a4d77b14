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
    """A tenth of all answers are never trained on."""
    return zlib.crc32("".join(reversed(sorted(pair))).encode()) % 10 == 0


class TransformerExperiment:
    """Trains with AdamW; every batch is new."""

    def __init__(self, config: TransformerConfig) -> None:
        self.config, self.task = config, TASKS[config.task]
        self.rng = random.Random(config.seed)
        both = config.task not in ("brackets", "repeat")
        self.model = Transformer(
            Shape(
                vocabulary=self.task.vocabulary, longest=self.task.longest + 2, heads=config.heads,
                encoder=config.layers if both or config.task == "brackets" else 0,
                decoder=config.layers if both or config.task == "repeat" else 0,
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
        if self.config.task == "brackets":
            return self.model.label(source, seen, maps), labels(source, answer)
        if self.config.task == "repeat":
            return self.model.decode(source[:, :-1], maps=maps)[0], source[:, 1:]
        memory = self.model.encode(source, seen, maps)
        return self.model.decode(answer[:, :-1], memory, seen, maps=maps)[0], answer[:, 1:]

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
        seen = source != PAD
        self.entropies.append((self.taken, [self._entropy(m, seen).tolist() for m in self.kinds(maps)]))
        found["attention/entropy"] = sum(map(sum, self.entropies[-1][1])) / sum(map(len, self.entropies[-1][1]))
        if self.config.task == "reverse":
            found["heldout/antidiagonal"] = self.antidiagonal(maps, source)
        if self.config.task == "repeat":
            found["induction_score"] = self.induction(maps)
        self.model.train()
        return found

    def rows(self) -> list[tuple[str, int]]:
        """(kind, layer) of everything that attends, in the order of `kinds`."""
        shape = self.model.shape
        cross = shape.decoder if shape.encoder else 0
        counts = (("encoder", shape.encoder), ("decoder", shape.decoder), ("cross", cross))
        return [(kind, layer) for kind, layers in counts for layer in range(layers)]

    @staticmethod
    def kinds(maps: Maps) -> list[Tensor]:
        """Every layer's weights: the encoder's, the decoder's, the cross-attention's."""
        return [*maps.encoder, *maps.decoder, *maps.cross]

    @staticmethod
    def _entropy(weights: Tensor, seen: Tensor) -> Tensor:
        """Mean entropy of each head's rows, nats."""
        return -(weights * weights.clamp_min(1e-30).log()).sum(-1).mean((0, 2))

    def free(self, source: Tensor, gates: Gates) -> Tensor:
        """Answers without help, (batch, tokens): one token after the other, or a label for each."""
        seen = (source != PAD)[:, None, None]
        if self.config.task == "brackets":
            return self.model.label(source, seen, gates=gates.get("encoder")).argmax(-1)
        memory = self.model.encode(source, seen, gates=gates.get("encoder"))
        begun = torch.full((len(source), 1), BEGIN)
        return greedy(self.model, memory, seen, begun, self.task.answer + 1, gates.get("decoder"))[:, 1:]

    def continued(self, source: Tensor, known: Tensor, gates: Gates) -> Tensor:
        """(repeat) The text of which each row's first `known` tokens are given, (batch, tokens)."""
        out = new = source[:, :1]
        past = None
        for t in range(1, source.shape[1]):
            logits, past = self.model.decode(new, past=past, gates=gates.get("decoder"))
            new = torch.where(known[:, None] > t, source[:, t : t + 1], logits[:, -1:].argmax(-1))
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
        if self.config.task == "repeat":  # the second copy's first two tokens tell where the segment ends
            known = torch.tensor([period(text) + 2 for text, _ in self.heldout_pairs[:count]])
            target, found = source, self.continued(source, known, gates)
        elif self.config.task == "brackets":
            target, found = labels(source, answer), self.free(source, gates)
        else:
            target = answer[:, 1:]
            found = self.free(source, gates)[:, : target.shape[1]]
        self.model.train(training)
        return ((found == target) | (target == PAD)).all(1).float().mean().item()

    def antidiagonal(self, maps: Maps, source: Tensor) -> float:
        """(reverse) What the best cross-attention head gives the letter that is to be written next, on average."""
        best = 0.0
        lengths = (source != PAD).sum(1)
        for weights in maps.cross:  # (batch, heads, queries, keys)
            found = [
                torch.stack([weights[b, :, i, n - 1 - i] for i in range(n)]).mean(0)
                for b, n in enumerate(lengths.tolist())
            ]
            best = max(best, torch.stack(found).mean(0).max().item())
        return best

    def induction(self, maps: Maps) -> float:
        """(repeat) What the best head gives the tokens that followed this one in earlier copies, on average."""
        best = 0.0
        for weights in maps.decoder:
            found = []
            for b, (text, _) in enumerate(self.heldout_pairs):
                n, length = period(text), weights.shape[2]
                query, key = torch.meshgrid(torch.arange(length), torch.arange(length), indexing="ij")
                followed = ((query - key + 1) % n == 0) & (key <= query - n + 1)  # key is one, two, … copies back
                found.append((weights[b] * followed).sum(-1)[:, n:].mean(1))
            best = max(best, torch.stack(found).mean(0).max().item())
        return best

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
