"""Block and Transformer against PyTorch's layers, on copied weights, and greedy decoding against a loop by hand.

PyTorch's layers stay in training mode with dropout 0: in eval mode without gradients nn.TransformerEncoderLayer takes
a fused path of its own, which zeroes padded positions.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from models.attention import causal_mask
from models.decoding import greedy_decode
from models.transformer import Block, Transformer
from tests.references.small_transformers import (
    BATCH,
    HEADS,
    KEYS,
    POSITIONS,
    QUERIES,
    VOCABULARY,
    WIDTH,
    config,
    copy_attention,
    model,
    normal,
    padding,
    randomise_norms,
    tokens,
)


def layer_options(pre_norm: bool) -> dict[str, Any]:
    return {"d_model": WIDTH, "nhead": HEADS, "dim_feedforward": 4 * WIDTH, "dropout": 0.0, "activation": "gelu",
            "batch_first": True, "norm_first": pre_norm}  # fmt: skip


def copy_block(own: Block, theirs: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer) -> None:
    pairs = [(own.mlp[0], theirs.linear1), (own.mlp[2], theirs.linear2), (own.norm1, theirs.norm1)]
    copy_attention(own.self_attention, theirs.self_attn)
    if isinstance(theirs, nn.TransformerDecoderLayer):
        assert own.cross_attention is not None
        copy_attention(own.cross_attention, theirs.multihead_attn)
        pairs += [(own.norm2, theirs.norm2), (own.norm3, theirs.norm3)]
    else:
        assert own.cross_attention is None
        pairs += [(own.norm3, theirs.norm2)]
    for mine, their in pairs:
        their.load_state_dict(mine.state_dict())


def block(pre_norm: bool, cross: bool) -> Block:
    torch.manual_seed(0)
    own = Block(config(pre_norm=pre_norm), cross)
    randomise_norms(own)
    return own


def copied_whole(own: Transformer) -> nn.Transformer:
    """nn.Transformer with our weights. It always adds a norm after each stack; Vaswani's post-norm has none there."""
    sizes = {"num_encoder_layers": 2, "num_decoder_layers": 2}
    theirs = nn.Transformer(**layer_options(own.config.pre_norm), **sizes)
    for stack, blocks, last in (
        (theirs.encoder, own.encoder, own.encoder_norm),
        (theirs.decoder, own.decoder, own.final_norm),
    ):
        for mine, their in zip(blocks, stack.layers, strict=True):
            copy_block(mine, their)
        if own.config.pre_norm:
            stack.norm.load_state_dict(last.state_dict())
        else:
            stack.norm = None
    return theirs


@pytest.mark.parametrize("pre_norm", [True, False])
def test_a_block_equals_pytorchs_encoder_layer(pre_norm: bool) -> None:
    own, theirs = block(pre_norm, cross=False), nn.TransformerEncoderLayer(**layer_options(pre_norm))
    copy_block(own, theirs)
    x, real = normal(BATCH, KEYS, WIDTH), padding(KEYS, (7, 4, 6))
    torch.testing.assert_close(own(x), theirs(x))
    torch.testing.assert_close(own(x, real[:, None, None]), theirs(x, src_key_padding_mask=~real))
    causal = causal_mask(KEYS)
    torch.testing.assert_close(own(x, causal), theirs(x, src_mask=~causal))
    expected = theirs(x, src_mask=~causal, src_key_padding_mask=~real)
    torch.testing.assert_close(own(x, causal & real[:, None, None]), expected)


@pytest.mark.parametrize("pre_norm", [True, False])
def test_a_block_with_cross_attention_equals_pytorchs_decoder_layer(pre_norm: bool) -> None:
    own, theirs = block(pre_norm, cross=True), nn.TransformerDecoderLayer(**layer_options(pre_norm))
    copy_block(own, theirs)
    x, memory, real = normal(BATCH, QUERIES, WIDTH), normal(BATCH, KEYS, WIDTH, seed=1), padding(KEYS, (7, 4, 6))
    causal = causal_mask(QUERIES)
    expected = theirs(x, memory, tgt_mask=~causal, memory_key_padding_mask=~real)
    torch.testing.assert_close(own(x, causal, memory, real[:, None, None]), expected)
    torch.testing.assert_close(own(x, None, memory), theirs(x, memory))


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
@pytest.mark.parametrize("pre_norm", [True, False])
def test_an_encoder_and_decoder_equal_pytorchs_transformer(pre_norm: bool, positions: str) -> None:
    own = model(pre_norm=pre_norm, positions=positions)
    theirs, source, target = copied_whole(own), tokens(KEYS), tokens(QUERIES, seed=1)
    real, causal = padding(KEYS, (7, 4, 6)), causal_mask(QUERIES)
    mask = real[:, None, None]
    hidden = theirs(
        own.embed(source), own.embed(target), tgt_mask=~causal, src_key_padding_mask=~real,
        memory_key_padding_mask=~real,
    )  # fmt: skip
    memory = own.encode(source, mask)
    torch.testing.assert_close(memory, theirs.encoder(own.embed(source), src_key_padding_mask=~real))
    torch.testing.assert_close(own.decode(target, memory, mask), own.to_logits(hidden))


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
@pytest.mark.parametrize("pre_norm", [True, False])
@pytest.mark.parametrize("alone", ["encoder", "decoder"])
def test_an_encoder_alone_and_a_decoder_alone_equal_pytorchs_encoder(alone: str, pre_norm: bool) -> None:
    """A decoder without cross-attention is an encoder under a causal mask."""
    own = model(pre_norm=pre_norm, **{"decoder_layers" if alone == "encoder" else "encoder_layers": 0})
    text, real = tokens(KEYS), padding(KEYS, (7, 4, 6))
    blocks, last = (own.encoder, own.encoder_norm) if alone == "encoder" else (own.decoder, own.final_norm)
    norm = nn.LayerNorm(WIDTH) if pre_norm else None
    theirs = nn.TransformerEncoder(nn.TransformerEncoderLayer(**layer_options(pre_norm)), 2, norm)
    for mine, their in zip(blocks, theirs.layers, strict=True):
        copy_block(mine, their)
    if norm is not None:
        norm.load_state_dict(last.state_dict())
    if alone == "encoder":
        found, hidden = own.label(text, real[:, None, None]), theirs(own.embed(text), src_key_padding_mask=~real)
    else:
        found, hidden = own.decode(text), theirs(own.embed(text), mask=~causal_mask(KEYS))
    torch.testing.assert_close(found, own.to_logits(hidden))


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("encoder_layers", [0, 2])
@pytest.mark.parametrize("causal", [True, False])
def test_greedy_decoding_takes_the_most_probable_token_again_and_again(
    positions: str, encoder_layers: int, causal: bool
) -> None:
    """Against one text at a time, without padding: the token, and the probabilities when it was written."""
    own, source, prefix = model(encoder_layers=encoder_layers, positions=positions, causal=causal), tokens(7), tokens(2)
    steps, lengths, memory, mask = 8, (7, 4, 6), None, None
    if encoder_layers:
        mask = padding(7, lengths)[:, None, None]
        memory = own.encode(source, mask)
    text, probabilities = greedy_decode(own, prefix, steps, memory, mask)
    assert text.shape == (BATCH, 2 + steps) and probabilities.shape == (BATCH, steps, VOCABULARY)
    assert not probabilities.requires_grad

    for row, length in enumerate(lengths):
        alone = own.encode(source[row : row + 1, :length]) if encoder_layers else None
        written = prefix[row].tolist()
        for step in range(steps):
            logits = own.decode(torch.tensor([written]), alone)[0, -1]
            expected = torch.softmax(logits, dim=0).detach()
            torch.testing.assert_close(probabilities[row, step], expected)
            written.append(int(expected.argmax()))
        assert text[row].tolist() == written
    # One pass over the finished text gives the same only under the causal mask.
    at_once = own.decode(text[:, :-1], memory, mask)[:, 1:].softmax(-1)
    assert torch.allclose(at_once, probabilities, atol=1e-5) == causal
