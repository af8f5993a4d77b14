"""Writing with a decoder, token by token. Knows no task."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from models.transformer import Transformer


@torch.no_grad()
def greedy_decode(
    model: Transformer,
    prefix: Int[Tensor, "batch prefix"],
    steps: int,
    memory: Float[Tensor, "batch source width"] | None = None,
    memory_mask: Bool[Tensor, "batch 1 1 source"] | None = None,
) -> tuple[Int[Tensor, "batch all"], Float[Tensor, "batch steps vocabulary"]]:
    """Appends the most probable token, `steps` times → the text and p(next token).

    The whole text passes through the decoder for every token. A key-value cache would
    save that work, but is valid only under a causal mask, and texts here are short.
    """
    tokens, probabilities = prefix, []
    for _ in range(steps):
        p = model.decode(tokens, memory, memory_mask)[:, -1].softmax(-1)
        tokens = torch.cat([tokens, p.argmax(-1, keepdim=True)], dim=1)
        probabilities.append(p)  # (batch, vocabulary)
    return tokens, torch.stack(probabilities, dim=1)
