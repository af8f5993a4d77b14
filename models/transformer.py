"""A transformer from its formulas: encoder, decoder, or both and cross-attention.

Vaswani et al. 2017, §3; pre-norm after Xiong et al. 2020. Knows no task or optimiser.
"""

from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from models.attention import Attention, Cache, causal_mask
from models.positions import sinusoidal


@dataclass(frozen=True)
class Shape:
    """What a transformer is made of. The switches show what each part is for."""

    vocabulary: int
    longest: int
    """The most tokens that learned positions know."""
    encoder: int = 2
    """Its layers; 0: a decoder alone, 0 decoder layers: an encoder alone."""
    decoder: int = 2
    width: int = 64
    heads: int = 4
    positions: str = "sinusoidal"
    """none, sinusoidal, learned or rotary."""
    pre_norm: bool = True
    scaled: bool = True
    causal: bool = True
    residual: bool = True
    layer_norm: bool = True
    dropout: float = 0.0


@dataclass
class Maps:
    """The weights of a pass, a (batch, heads, queries, keys) tensor a layer."""

    encoder: list[Tensor] = field(default_factory=list)
    decoder: list[Tensor] = field(default_factory=list)
    cross: list[Tensor] = field(default_factory=list)


class Layer(nn.Module):
    """Self-attention, cross-attention where there is a memory, an MLP: all added."""

    def __init__(self, shape: Shape, cross: bool) -> None:
        super().__init__()
        self.shape, width = shape, shape.width
        rotary = shape.positions == "rotary"
        self.look_at_own = Attention(width, shape.heads, shape.scaled, rotary)
        self.look_at_memory = (
            Attention(width, shape.heads, shape.scaled) if cross else None
        )
        self.think = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        norms = 3 if cross else 2
        self.norms = nn.ModuleList(
            nn.LayerNorm(width) if shape.layer_norm else nn.Identity()
            for _ in range(norms)
        )
        self.drop = nn.Dropout(shape.dropout)

    def forward(
        self,
        x: Float[Tensor, "batch tokens width"],
        mask: Bool[Tensor, "*any #tokens keys"] | None,
        memory: Float[Tensor, "batch source width"] | None = None,
        memory_mask: Bool[Tensor, "*other #tokens source"] | None = None,
        past: Cache | None = None,
        gate: Float[Tensor, "2 heads"] | None = None,
    ) -> tuple[Float[Tensor, "batch tokens width"], list[Tensor], Cache]:
        """Tokens after the layer, the weights (own, then cross), the cache.

        gate: a number for each head of self- and of cross-attention, 0 switches it off
        """
        own_gate, cross_gate = (None, None) if gate is None else gate
        own, weights, cache = self.look_at_own(
            self.before(0, x), mask=mask, past=past, gate=own_gate
        )
        x, maps = self.after(0, x, own), [weights]
        if self.look_at_memory is not None and memory is not None:
            found, weights, _ = self.look_at_memory(
                self.before(1, x), memory, memory_mask, gate=cross_gate
            )
            x = self.after(1, x, found)
            maps.append(weights)
        return self.after(-1, x, self.think(self.before(-1, x))), maps, cache

    def before(self, part: int, x: Tensor) -> Tensor:
        """Pre-norm: a part sees its input normalised."""
        return self.norms[part](x) if self.shape.pre_norm else x

    def after(self, part: int, x: Tensor, change: Tensor) -> Tensor:
        """The residual connection, and the norm after it (post-norm)."""
        x = x + self.drop(change) if self.shape.residual else self.drop(change)
        return x if self.shape.pre_norm else self.norms[part](x)


class Transformer(nn.Module):
    """Source tokens in, logits of target tokens out (an encoder alone: its own)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocabulary, shape.width)
        self.learned = nn.Embedding(shape.longest, shape.width)
        both = shape.encoder > 0 and shape.decoder > 0
        self.encoder = nn.ModuleList(Layer(shape, False) for _ in range(shape.encoder))
        self.decoder = nn.ModuleList(Layer(shape, both) for _ in range(shape.decoder))
        self.last_norm = (
            nn.LayerNorm(shape.width) if shape.layer_norm else nn.Identity()
        )
        self.to_logits = nn.Linear(shape.width, shape.vocabulary)

    def place(
        self, tokens: Int[Tensor, "batch tokens"], begin: int = 0
    ) -> Float[Tensor, "batch tokens width"]:
        """Embeddings with their positions added; `begin` is the first one's."""
        x, end = self.embed(tokens), begin + tokens.shape[1]
        if self.shape.positions == "sinusoidal":
            return x + sinusoidal(end, self.shape.width)[begin:]
        if self.shape.positions == "learned":
            return x + self.learned.weight[begin:end]
        return x  # rotary positions turn queries and keys inside attention

    def encode(
        self,
        source: Int[Tensor, "batch source"],
        mask: Bool[Tensor, "batch 1 1 source"] | None = None,
        maps: Maps | None = None,
        gates: Float[Tensor, "layers 2 heads"] | None = None,
    ) -> Float[Tensor, "batch source width"]:
        """Every token looks at every token that `mask` shows."""
        x = self.place(source)
        for i, layer in enumerate(self.encoder):
            x, (weights,), _ = layer(x, mask, gate=None if gates is None else gates[i])
            if maps is not None:
                maps.encoder.append(weights)
        return x

    def label(
        self,
        source: Int[Tensor, "batch source"],
        mask: Bool[Tensor, "batch 1 1 source"] | None = None,
        maps: Maps | None = None,
        gates: Float[Tensor, "layers 2 heads"] | None = None,
    ) -> Float[Tensor, "batch source vocabulary"]:
        """An encoder alone: logits of a label for every token."""
        return self.to_logits(self.last_norm(self.encode(source, mask, maps, gates)))

    def decode(
        self,
        target: Int[Tensor, "batch target"],
        memory: Float[Tensor, "batch source width"] | None = None,
        memory_mask: Bool[Tensor, "batch 1 1 source"] | None = None,
        past: list[Cache] | None = None,
        maps: Maps | None = None,
        gates: Float[Tensor, "layers 2 heads"] | None = None,
    ) -> tuple[Float[Tensor, "batch target vocabulary"], list[Cache]]:
        """Logits of the next token at every position, and the cache to go on from.

        past: cache of earlier tokens; target is then only what is new
        """
        begin = past[0][0].shape[2] if past else 0
        x, caches, tokens = self.place(target, begin), [], target.shape[1]
        mask = causal_mask(tokens, begin + tokens) if self.shape.causal else None
        for i, layer in enumerate(self.decoder):
            x, weights, cache = layer(
                x, mask, memory, memory_mask,
                past[i] if past else None, None if gates is None else gates[i],
            )  # fmt: skip
            caches.append(cache)
            if maps is not None:
                maps.decoder.append(weights[0])
                maps.cross.extend(weights[1:])
        return self.to_logits(self.last_norm(x)), caches


@torch.no_grad()
def greedy(
    model: Transformer,
    memory: Float[Tensor, "batch source width"] | None,
    memory_mask: Bool[Tensor, "batch 1 1 source"] | None,
    begun: Int[Tensor, "batch begun"],
    steps: int,
    gates: Float[Tensor, "layers 2 heads"] | None = None,
) -> Int[Tensor, "batch out"]:
    """The most probable token, again and again: `steps` of them after `begun`."""
    out, new, past = begun, begun, None
    for _ in range(steps):
        logits, past = model.decode(new, memory, memory_mask, past, gates=gates)
        new = logits[:, -1:].argmax(-1)
        out = torch.cat([out, new], dim=1)
    return out
