"""Whether a change of the code changed what runs compute: hashes of the first steps of every default and preset.

    python -m tests.benchmarks.bits record before.json
    python -m tests.benchmarks.bits compare before.json [OLD=NEW …] [--only SLUG]

A hash is of one metric's values to the bit, so both runs must be on the same machine. OLD=NEW says that the start of a
metric's name has changed; SLUG is that of the only tab to be compared.
"""

from __future__ import annotations

import hashlib
import json
import random
import struct
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from playground.concepts import CONCEPTS
from playground.engine.run import Run

STEPS = 100


def hashes(only: str = "") -> dict[str, dict[str, str]]:
    """ "slug/preset" → metric → hash of (step, value) of the first steps.

    only: slug of the only tab that is run; "" runs all
    """
    torch.set_num_threads(1)
    found: dict[str, dict[str, str]] = {}
    for concept in [c for c in CONCEPTS if only in ("", c.slug)]:
        configs = {"default": concept.config()} | {p.name: concept.preset_config(p) for p in concept.presets}
        for name, config in configs.items():
            torch.manual_seed(0), np.random.seed(0), random.seed(0)
            run = Run(concept, config)
            while run.step < STEPS and not run.error:
                run.advance(60.0, max_steps=STEPS - run.step, views=())
            found[f"{concept.slug}/{name}"] = {m: _hash(*h) for m, h in sorted(run.history.items())}
            print(f"{concept.slug}/{name}: {len(run.history)} metrics, step {run.step}", file=sys.stderr, flush=True)
    return found


def _hash(steps: list[int], values: list[float]) -> str:
    return hashlib.sha256(struct.pack(f"{len(steps)}q{len(values)}d", *steps, *values)).hexdigest()[:16]


def compare(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]], renamed: dict[str, str]) -> int:
    """Prints what differs; answers how many metrics do."""
    differences = defaultdict(list)
    for run, old in before.items():
        new = after.get(run)
        if new is None:
            differences[run].append("is gone")
            continue
        for metric, value in old.items():
            name = next((b + metric[len(a) :] for a, b in renamed.items() if metric.startswith(a)), metric)
            name = name if name in new else metric
            if new.get(name) != value:
                differences[run].append(f"{metric}{f' (now {name})' if name != metric else ''}")
    for run, metrics in differences.items():
        print(f"{run}: {', '.join(metrics)}")
    print(f"{sum(map(len, differences.values()))} of {sum(map(len, before.values()))} metrics differ")
    return sum(map(len, differences.values()))


def main() -> None:
    action, file, *renames = sys.argv[1:]
    if action == "record":
        Path(file).write_text(json.dumps(hashes(), indent=1))
        return
    only = renames.pop() if renames[-2:-1] == ["--only"] else ""
    renamed = dict(pair.split("=", 1) for pair in renames if pair != "--only")
    before = json.loads(Path(file).read_text())
    before = {run: metrics for run, metrics in before.items() if only in ("", run.partition("/")[0])}
    sys.exit(compare(before, hashes(only), renamed) > 0)


if __name__ == "__main__":
    main()
