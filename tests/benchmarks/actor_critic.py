"""Actor-critic beside stable-baselines3's A2C, and the price of the video; run by hand, on one core.

Both learners get 8 CartPoles and one thread, in turns, until their last 20 episodes return 475 on average.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections import deque

import torch
from rich.console import Console
from rich.table import Table

from playground.concepts import CONCEPTS
from playground.concepts.actor_critic.config import ActorCriticConfig
from playground.engine.run import Run

MARK, GIVE_UP = 475.0, 90.0
ACTOR_CRITIC = next(c for c in CONCEPTS if c.slug == "actor-critic")


def ours(seed: int) -> float:
    """Seconds to the mark, opening the run included."""
    began = time.perf_counter()
    run = Run(ACTOR_CRITIC, ACTOR_CRITIC.config(seed=seed))
    while run.latest.get("return/mean20", 0) < MARK and not run.done and time.perf_counter() - began < GIVE_UP:
        run.advance(0.1)
    return time.perf_counter() - began if run.latest.get("return/mean20", 0) >= MARK else float("inf")


def theirs(seed: int) -> float:
    """The same for stable-baselines3's A2C with its defaults and 8 environments."""
    from stable_baselines3 import A2C
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    class Until(BaseCallback):
        def _on_training_start(self) -> None:
            self.returns: deque[float] = deque(maxlen=20)

        def _on_step(self) -> bool:
            self.returns += [info["episode"]["r"] for info in self.locals["infos"] if "episode" in info]
            reached = len(self.returns) == 20 and sum(self.returns) / 20 >= MARK
            return not reached and time.perf_counter() - began < GIVE_UP

    began = time.perf_counter()
    until = Until()
    A2C("MlpPolicy", make_vec_env("CartPole-v1", 8, seed=seed), seed=seed, device="cpu").learn(10_000_000, until)
    spent = time.perf_counter() - began
    return spent if spent < GIVE_UP else float("inf")


def price_of_the_video(seconds: float = 8.0) -> float:
    """Updates in the same busy time with the video in sight, as a share of those without any picture."""

    def updates(views: tuple[str, ...]) -> int:
        run = Run(ACTOR_CRITIC, ActorCriticConfig(steps=100_000, anneal=False))
        run.advance(600, max_steps=600)  # a policy that balances: videos are at their longest
        run.render(next(v for v in ACTOR_CRITIC.views if v.name == "video"))
        began, at = time.perf_counter(), run.step
        while time.perf_counter() - began < seconds:
            run.advance(0.12, views=views)
        return run.step - at

    shares = []
    for _ in range(3):
        without, with_video = updates(()), updates(("video",))
        shares.append(with_video / without)
    return statistics.median(shares)


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    seeds = [int(a) for a in sys.argv[1:]] or [0, 1, 2, 3, 4]
    table = Table("seed", "ours", "SB3 A2C", title=f"Seconds to a mean return of {MARK:g} over 20 episodes, one core")
    found = [(seed, ours(seed), theirs(seed)) for seed in seeds]
    for seed, a, b in found:
        table.add_row(str(seed), f"{a:.1f}", f"{b:.1f}")
    medians = [statistics.median(row[i] for row in found) for i in (1, 2)]
    table.add_row("median", *(f"{m:.1f}" for m in medians))
    console = Console(width=100)
    console.print(table)
    console.print(f"ours / theirs: {medians[0] / medians[1]:.2f} (bound 0.5)")
    console.print(f"updates with the video in sight / without pictures: {price_of_the_video():.3f} (bound 0.9)")


if __name__ == "__main__":
    main()
