"""Actor-critic beside stable-baselines3's A2C, and how far the agent on screen is behind its run; run by hand.

`python -m tests.benchmarks.actor_critic [seed …]`: both learners get 8 CartPoles and one thread, in turns, until their
last 20 episodes return 475 on average. Then a browser watches a run that notes the time of each of its updates, on a
page that this very file serves.
"""

from __future__ import annotations

import os
import statistics
import struct
import sys
import tempfile
import time
import warnings
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from playground.engine.run import Run
from playground.engine.scheduler import Scheduler
from tests.benchmarks.engine import chromium
from tests.benchmarks.learning import concept_of
from tests.serving import Server

MARK, GIVE_UP = 475.0, 90.0
WATCHED_SECONDS = 20.0
TIMES = "ACTOR_CRITIC_TIMES"
"""Environment variable: path of the file in which a watched run notes its updates; this file serves where it is set."""
ACTOR_CRITIC = concept_of("actor-critic")


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


def noting_times(config: Any) -> Any:
    """The tab's experiment; after each update its number and the time go to a file."""
    experiment: Any = ACTOR_CRITIC.build(config)
    step = experiment.step

    def noted() -> dict[str, float]:
        found = step()
        with open(os.environ[TIMES], "ab", buffering=0) as file:
            file.write(struct.pack("<dd", experiment.steps_taken, time.time()))
        return found

    experiment.step = noted
    return experiment


WATCHED = (replace(ACTOR_CRITIC, experiment=noting_times),)

LOOK = """([box, seconds]) => new Promise((resolve) => {
  const seen = [];
  const began = performance.now();
  const look = () => {
    const now = (performance.timeOrigin + performance.now()) / 1000;
    seen.push([now, Number(document.querySelector(box).dataset.update)]);
    if (performance.now() - began < 1000 * seconds) requestAnimationFrame(look);
    else resolve(seen);
  };
  look();
})"""


def behind(seconds: float = WATCHED_SECONDS) -> Iterator[float]:
    """Of every frame of a page on which the agent learns: seconds since the update whose policy plays in it."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        times = Path(folder) / "times"
        server, browser = Server(__file__, **{TIMES: str(times)}), chromium(playwright)
        server.wait()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{server.url}/?tab=actor-critic&steps=100000")
        page.wait_for_selector('.status[data-state="ready"][data-settled]')
        box = '.figure-box[data-view="agent"]'
        pre_trained = page.get_attribute(box + "[data-update]", "data-update")
        page.locator("button.train:visible").click()
        page.wait_for_selector(f'{box}:not([data-update="{pre_trained}"])', timeout=60_000)
        seen = page.evaluate(LOOK, [box, seconds])
        browser.close()
        server.stop()
        at = {int(update): noted for update, noted in np.fromfile(times).reshape(-1, 2)}
    for now, update in seen:
        yield now - at[update]


def serve() -> None:
    from playground.ui.server import launch

    launch(WATCHED, Scheduler("tests.benchmarks.actor_critic:WATCHED"))


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
    ages = sorted(behind())
    console.print(
        f"the agent on screen is behind its run by {statistics.median(ages):.2f} s (median), {ages[-1]:.2f} s at most; "
        f"{len(ages)} frames in {WATCHED_SECONDS:g} s (bound 1 s)"
    )


if __name__ == "__main__":
    if TIMES in os.environ:
        serve()
    else:
        main()
