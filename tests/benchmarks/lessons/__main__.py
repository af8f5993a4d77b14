"""Measures what lessons and presets state as results: `python -m tests.benchmarks.lessons [--only WORD]`."""

from __future__ import annotations

import argparse

import torch
from rich.console import Console
from rich.table import Table

from tests.benchmarks.lessons import actor_critic, autoencoder, clip, elbo, gan, residual, transformer, vqvae
from tests.benchmarks.lessons.rows import ROWS

TABS = (residual, autoencoder, elbo, vqvae, transformer, clip, gan, actor_critic)
"""Each files its rows when it is imported."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", metavar="WORD", help="rows whose tab, name or sentence has it")
    word = parser.parse_args().only
    torch.set_num_threads(1)
    table = Table("tab", "sentence", "stated", "measured", "within tolerance?", title="What the lessons state")
    for tab, sentence, stated, measure in ROWS:
        if word in f"{tab} {measure.__name__} {sentence}":
            found, holds = measure()
            cells = ", ".join(f"{x:.4g}" for x in found), "yes" if holds else "NO"
            table.add_row(tab, sentence, stated, *cells)
            print(measure.__name__, *cells, sep=": ", flush=True)
    Console(width=170).print(table)


if __name__ == "__main__":
    assert TABS
    main()
