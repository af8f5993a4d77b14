"""One training run of a transformer on endless strings."""

from __future__ import annotations

import json
import random
import zlib
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.decoding import greedy_decode
from models.transformer import ModelConfig, Transformer
from playground.capture import capture, evaluating
from playground.concepts.transformer import measures
from playground.concepts.transformer.config import TransformerConfig
from playground.data.strings import PAD, TASKS, period
from playground.training.once import forget
from playground.training.schedules import warm_up_then_cosine

MEASURE_EVERY = 50
"""Steps between two measurements on held-out strings."""
HELDOUT = 128
WARM_UP, LAST_LR = 50, 0.05
"""Steps in which the learning rate rises to η, and the share of η to which it then falls."""


def labels(source: Tensor, answer: Tensor) -> Tensor:
    """Answers without their beginning and end, a label for every token of the source."""
    return answer[:, 1 : source.shape[1] + 1].where(source != PAD, PAD)


def held_out(pair: tuple[str, str]) -> bool:
    """A tenth of all answers are never trained on, a date in none of its spellings (repeat: a tenth of all texts)."""
    return zlib.crc32(answer_or_text(pair).encode()) % 10 == 0


def answer_or_text(pair: tuple[str, str]) -> str:
    source, answer = pair
    return answer or source


class TransformerExperiment:
    """Trains with AdamW; every batch is new."""

    def __init__(self, config: TransformerConfig) -> None:
        self.config, self.task = config, TASKS[config.task]
        self.architecture = config.resolved_architecture
        self.rng = random.Random(config.seed)
        self.model = Transformer(
            ModelConfig(
                vocabulary=self.task.vocabulary,
                max_tokens=self.task.longest + self.task.answer + 2,
                encoder_layers=config.layers if self.architecture != "decoder" else 0,
                decoder_layers=config.layers if self.architecture != "encoder" else 0,
                width=config.heads * config.d_k,
                heads=config.heads,
                positions=config.positions,
                pre_norm=config.norm == "pre",
                scaled=config.scaled,
                causal=config.causal,
                residual=config.residual,
                layer_norm=config.layer_norm,
                dropout=config.dropout,
            )
        )
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=config.lr, betas=(0.9, 0.98), fused=True)
        self.steps_taken = 0
        self.entropies: list[tuple[int, dict[str, list[float]]]] = []
        """(step, attention's name → mean entropy of each of its heads in nats), at each measurement."""
        self.heldout_pairs = self.distinct_heldout_pairs(random.Random(20_000 + config.seed))
        self.heldout = self.tokens(self.heldout_pairs)

    def step(self) -> dict[str, float]:
        source, answer = self.next_batch()  # (batch, source), (batch, answer)
        self.steps_taken += 1
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr * warm_up_then_cosine(self.steps_taken, WARM_UP, self.config.schedule, LAST_LR)

        logits, target = self.predict(source, answer)
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PAD)

        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()

        metrics = {"train/loss": loss.item()}
        if self.steps_taken == 1 or self.steps_taken % MEASURE_EVERY == 0:
            metrics |= self.heldout_metrics()
        return metrics

    def next_batch(self) -> tuple[Tensor, Tensor]:
        return self.tokens(self.pairs(self.rng, self.config.batch))

    def pairs(self, rng: random.Random, count: int) -> list[tuple[str, str]]:
        """Strings to train on."""
        found: list[tuple[str, str]] = []
        while len(found) < count:
            pair = self.task.pair(rng)
            if not held_out(pair):
                found.append(pair)
        return found

    def distinct_heldout_pairs(self, rng: random.Random) -> list[tuple[str, str]]:
        """Held-out strings with an answer each of its own: of brackets, short nestings would come again and again."""
        found: dict[str, tuple[str, str]] = {}
        while len(found) < HELDOUT:
            pair = self.task.pair(rng)
            if held_out(pair):
                found.setdefault(answer_or_text(pair), pair)
        return list(found.values())

    def tokens(self, pairs: list[tuple[str, str]]) -> tuple[Tensor, Tensor]:
        source, answer = self.task.tokens(pairs)
        return torch.from_numpy(source), torch.from_numpy(answer)

    def predict(self, source: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (batch, tokens, vocabulary) and the tokens that they should name (batch, tokens); PAD: any.

        The decoder is given the right tokens before each one it predicts (teacher forcing).
        """
        padding_mask = (source != PAD)[:, None, None]  # (batch, 1, 1, source)
        if self.architecture == "encoder":
            return self.model.label(source, padding_mask), labels(source, answer)
        if self.architecture == "decoder":
            text, given = self.join(source, answer)
            asked = torch.arange(1, text.shape[1]) >= given[:, None]
            return self.model.decode(text[:, :-1]), text[:, 1:].where(asked, PAD)
        memory = self.model.encode(source, padding_mask)
        return self.model.decode(answer[:, :-1], memory, padding_mask), answer[:, 1:]

    def join(self, source: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
        """Source and answer as one text for a decoder alone, and how many tokens of it are given (batch,)."""
        if self.config.task == "repeat":
            return source, torch.ones(len(source), dtype=torch.long)
        text = torch.cat([source, answer], dim=1)
        order = (text == PAD).int().argsort(dim=1, stable=True)  # no padding between the two
        return text.gather(1, order), (source != PAD).sum(1) + 1  # the answer's beginning is given too

    def heldout_metrics(self) -> dict[str, float]:
        """On held-out strings: loss, exactly right answers, and what the heads attend to."""
        source, answer = self.heldout
        with evaluating(self.model), capture(self.model, "*.hook_pattern") as captured:
            logits, target = self.predict(source, answer)
        patterns = measures.by_kind(captured)
        found = {
            "heldout/loss": F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PAD).item(),
            "heldout/sequence_accuracy": self.exactly_right(source, answer, logits, target),
        }
        text = self.join(source, answer)[0] if self.architecture == "decoder" else answer
        real = {"encoder": source != PAD, "decoder": text[:, 1:] != PAD}  # which queries are no padding
        entropies = {
            name: measures.entropy(pattern, real[name.partition(".")[0]]).tolist() for name, pattern in captured.items()
        }
        self.entropies.append((self.steps_taken, entropies))
        found["attention/entropy"] = sum(map(sum, entropies.values())) / sum(map(len, entropies.values()))
        if self.config.task == "reverse":
            kind = {"encoder": "encoder", "decoder": "decoder"}.get(self.architecture, "cross")
            lengths = (source != PAD).sum(1).tolist()
            found["heldout/antidiagonal"] = measures.antidiagonal(
                patterns[kind], lengths, answer_follows=self.architecture == "decoder"
            )
        if self.config.task == "repeat":
            periods = [period(text) for text, _ in self.heldout_pairs]
            found["induction_score"] = measures.induction(patterns["decoder"], periods)
        return found

    def sequence_accuracy(self, count: int = HELDOUT) -> float:
        """Share of the first held-out strings whose greedy answer is right in every token."""
        source, answer = (column[:count] for column in self.heldout)
        with evaluating(self.model):
            logits, target = self.predict(source, answer)
        return self.exactly_right(source, answer, logits, target)

    def exactly_right(self, source: Tensor, answer: Tensor, logits: Tensor, target: Tensor) -> float:
        """The same, of the first held-out strings, from what `predict` says of them.

        Under the causal mask a greedy answer is right exactly if every token is the most probable one after the
        right ones before it, so one pass over the right answers tells. Without the mask that pass would see the
        answer: there it is written token by token.
        """
        found = logits.argmax(-1)
        if self.architecture != "encoder" and not self.config.causal:
            with evaluating(self.model):
                found = self.greedy_answers(source, answer)
        if self.config.task == "repeat":  # the second copy's first two tokens tell where the segment ends
            given = torch.tensor([period(text) + 2 for text, _ in self.heldout_pairs[: len(source)]])
            target = target.where(torch.arange(1, target.shape[1] + 1) >= given[:, None], PAD)
        return ((found == target) | (target == PAD)).all(1).float().mean().item()

    def greedy_answers(self, source: Tensor, answer: Tensor) -> Tensor:
        """What a decoder writes without help, (batch, tokens), aligned with the target of `predict`."""
        steps = answer.shape[1] - 1
        if self.architecture == "encoder-decoder":
            padding_mask = (source != PAD)[:, None, None]
            memory = self.model.encode(source, padding_mask)
            return greedy_decode(self.model, answer[:, :1], steps, memory, padding_mask)[0][:, 1:]
        text, given = self.join(source, answer)
        text = text.clone()
        if self.config.task == "repeat":
            given = torch.tensor([period(row) + 2 for row in text.tolist()])
        for length in given.unique().tolist():  # texts with equally long prefixes are written together
            rows = given == length
            written, _ = greedy_decode(self.model, text[rows, :length], text.shape[1] - length)
            text[rows] = written
        return text[:, 1:]

    def update_live(self, config: TransformerConfig) -> None:
        self.config = config
        for module in self.model.modules():
            if isinstance(module, nn.Dropout):
                module.p = config.dropout

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "random": json.dumps(self.rng.getstate()),
            "entropies": self.entropies,
            "steps_taken": self.steps_taken,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        version, numbers, gauss = json.loads(state["random"])
        self.rng.setstate((version, tuple(numbers), gauss))
        self.entropies, self.steps_taken = list(state["entropies"]), state["steps_taken"]
        forget(self)
