"""Where the codes of a codebook have been of late: short trails, and the jumps of those that were revived."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

EVERY, TRAIL = 5, 8
"""Steps between two points of a trail, and how many there are."""
JUMPS, JUMP_STEPS = 160, 200
"""The newest jumps are kept, for so many steps."""


class RestartLog:
    """What is needed to draw where codes came from."""

    def __init__(self, codes: int) -> None:
        self.trail: list[tuple[int, Tensor]] = []
        """(step, codebook (K, D)), the oldest first"""
        self.jumps: list[tuple[int, int, Tensor, Tensor]] = []
        """(step, code, from (D,), to (D,)), the oldest first"""
        self.revived = torch.full((codes,), -1)
        """(K,) the step in which each code was revived last"""

    def note_codebook(self, step: int, codebook: Tensor) -> None:
        if step % EVERY == 0 or not self.trail:
            self.trail = [*self.trail, (step, codebook.detach().clone())][-TRAIL:]
        while self.jumps and self.jumps[0][0] < step - JUMP_STEPS:
            self.jumps.pop(0)

    def note_restarts(self, step: int, dead: Tensor, old: Tensor, new: Tensor) -> None:
        """dead: (K,) which codes; old, new: (dead, D) where they were and where they are now."""
        which = dead.nonzero().flatten()
        self.revived[which] = step
        found = zip(which.tolist(), old.clone(), new.clone(), strict=True)
        self.jumps = [*self.jumps, *((step, code, a, b) for code, a, b in found)][-JUMPS:]

    def state_dict(self) -> dict[str, Any]:
        return {"trail": self.trail, "jumps": self.jumps, "revived": self.revived}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.trail, self.jumps, self.revived = list(state["trail"]), list(state["jumps"]), state["revived"]
