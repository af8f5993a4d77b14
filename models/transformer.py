"""A transformer from its formulas: an encoder, a decoder, or both and cross-attention.

Post-norm after Vaswani et al. 2017, §3; pre-norm after Xiong et al. 2020.
Knows no task or optimiser.
"""

from dataclasses import dataclass

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from models.attention import Attention, causal_mask
from models.positions import sinusoidal


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a transformer; its switches show what each part is for."""

    vocabulary: int
    max_tokens: int
    """The longest text that learned positions know."""
    encoder_layers: int = 2
    """0: a decoder alone."""
    decoder_layers: int = 2
    """0: an encoder alone."""
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


class Block(nn.Module):
    """Self-attention, cross-attention where there is a memory, and an MLP.

    Pre-norm: x + f(norm(x)). Post-norm: norm(x + f(x)).
    """

    def __init__(self, config: ModelConfig, cross: bool) -> None:
        super().__init__()
        width, heads = config.width, config.heads
        rotary = config.positions == "rotary"
        self.pre_norm, self.residual = config.pre_norm, config.residual
        self.self_attention = Attention(width, heads, config.scaled, rotary)
        self.cross_attention = Attention(width, heads, config.scaled) if cross else None
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.norm1, self.norm3 = norm(config), norm(config)
        self.norm2 = norm(config) if cross else nn.Identity()
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        x: Float[Tensor, "batch tokens width"],
        mask: Bool[Tensor, "*any #tokens tokens"] | None = None,
        memory: Float[Tensor, "batch source width"] | None = None,
        memory_mask: Bool[Tensor, "*other #tokens source"] | None = None,
    ) -> Float[Tensor, "batch tokens width"]:
        if self.pre_norm:
            x = self.add(x, self.self_attention(self.norm1(x), mask=mask))
            if self.cross_attention is not None:
                h = self.norm2(x)
                x = self.add(x, self.cross_attention(h, memory, memory_mask))
            return self.add(x, self.mlp(self.norm3(x)))

        x = self.norm1(self.add(x, self.self_attention(x, mask=mask)))
        if self.cross_attention is not None:
            x = self.norm2(self.add(x, self.cross_attention(x, memory, memory_mask)))
        return self.norm3(self.add(x, self.mlp(x)))

    def add(self, x: Tensor, change: Tensor) -> Tensor:
        """The residual connection; without it, the change replaces its input."""
        change = self.dropout(change)
        return x + change if self.residual else change


def norm(config: ModelConfig) -> nn.Module:
    return nn.LayerNorm(config.width) if config.layer_norm else nn.Identity()


class Transformer(nn.Module):
    """Source tokens in, logits of target tokens out (an encoder alone: of labels)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        cross = config.encoder_layers > 0 and config.decoder_layers > 0
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        learned = config.positions == "learned"
        size = (config.max_tokens, config.width)
        self.positions = nn.Embedding(*size) if learned else None
        self.encoder = nn.ModuleList(
            Block(config, cross=False) for _ in range(config.encoder_layers)
        )
        self.decoder = nn.ModuleList(
            Block(config, cross=cross) for _ in range(config.decoder_layers)
        )
        # The residual stream of a pre-norm stack leaves it unnormalised.
        pre_norm = config.pre_norm
        self.encoder_norm = norm(config) if pre_norm else nn.Identity()
        self.final_norm = norm(config) if pre_norm else nn.Identity()
        self.to_logits = nn.Linear(config.width, config.vocabulary)

    def embed(
        self, tokens: Int[Tensor, "batch tokens"]
    ) -> Float[Tensor, "batch tokens width"]:
        """Every token's vector, with its position's added."""
        x, length = self.embedding(tokens), tokens.shape[1]
        if self.config.positions == "sinusoidal":
            return x + sinusoidal(length, self.config.width)
        if self.positions is not None:
            return x + self.positions.weight[:length]
        return x  # rotary positions rotate queries and keys inside the attention

    def encode(
        self,
        source: Int[Tensor, "batch source"],
        mask: Bool[Tensor, "batch 1 1 source"] | None = None,
    ) -> Float[Tensor, "batch source width"]:
        """Every token attends to every token that the mask shows."""
        x = self.embed(source)
        for block in self.encoder:
            x = block(x, mask)
        return self.encoder_norm(x)

    def label(
        self,
        source: Int[Tensor, "batch source"],
        mask: Bool[Tensor, "batch 1 1 source"] | None = None,
    ) -> Float[Tensor, "batch source vocabulary"]:
        """An encoder alone: logits of a label for every token."""
        return self.to_logits(self.encode(source, mask))

    def decode(
        self,
        target: Int[Tensor, "batch target"],
        memory: Float[Tensor, "batch source width"] | None = None,
        memory_mask: Bool[Tensor, "batch 1 1 source"] | None = None,
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Logits of the next token at every position."""
        mask = causal_mask(target.shape[1]) if self.config.causal else None
        x = self.embed(target)
        for block in self.decoder:
            x = block(x, mask, memory, memory_mask)
        return self.to_logits(self.final_norm(x))
