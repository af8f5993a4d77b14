"""Small attentions and transformers of seeded weights, and what they read."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from models.attention import Attention
from models.transformer import ModelConfig, Transformer

BATCH, QUERIES, KEYS, WIDTH, HEADS, VOCABULARY = 3, 5, 7, 24, 4, 13
D_K = WIDTH // HEADS
POSITIONS = ["none", "sinusoidal", "learned", "rotary"]


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def tokens(count: int, seed: int = 0) -> Tensor:
    return torch.randint(0, VOCABULARY, (BATCH, count), generator=torch.Generator().manual_seed(seed))


def padding(tokens: int, lengths: tuple[int, ...]) -> Tensor:
    """True where a text of each length has a token, (batch, tokens)."""
    return torch.arange(tokens) < torch.tensor(lengths)[:, None]


def copy_attention(own: Attention, theirs: nn.MultiheadAttention) -> None:
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([own.to_q.weight, own.to_kv.weight]))
        theirs.in_proj_bias.copy_(torch.cat([own.to_q.bias, own.to_kv.bias]))
    theirs.out_proj.load_state_dict(own.to_out.state_dict())


def randomise_norms(model: nn.Module) -> None:
    """A fresh LayerNorm has weight 1 and bias 0: in the place of another, or applied twice, it would hardly show."""
    draw = torch.Generator().manual_seed(7)
    for module in model.modules():
        if isinstance(module, nn.LayerNorm):
            with torch.no_grad():
                module.weight.copy_(1 + 0.5 * torch.randn(WIDTH, generator=draw))
                module.bias.copy_(0.5 * torch.randn(WIDTH, generator=draw))


def config(**changes: Any) -> ModelConfig:
    return ModelConfig(**{"vocabulary": VOCABULARY, "max_tokens": 20, "width": WIDTH, "heads": HEADS, **changes})


def model(**changes: Any) -> Transformer:
    torch.manual_seed(0)
    own = Transformer(config(**changes)).eval()
    randomise_norms(own)
    return own
