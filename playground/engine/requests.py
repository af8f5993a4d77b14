"""What a host is asked: one class for each request, which says the type of its answer.

Requests and replies are plain data that crosses a process boundary.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Self, TypeVar

from playground.engine.checkpoints import CheckpointStore
from playground.engine.frame import Answer, Click, Frame, Prepared, Slice

Result = TypeVar("Result", covariant=True)


@dataclass(frozen=True)
class Request(Generic[Result]):
    """A request whose answer is a `Result`."""

    is_charged: ClassVar[bool] = False
    """Whether the run's owner pays for its CPU time; opening a run, say, costs every visitor the same once."""
    is_question: ClassVar[bool] = False
    """Whether the long slices before it end early, because a visitor waits for the answer."""


@dataclass(frozen=True)
class Reply(Generic[Result]):
    """A host's answer, and what it is charged for."""

    answer: Result
    cost: float = 0.0
    """CPU seconds, without those that nobody owes: a first build, a first drawing, a recorded step."""


@dataclass(frozen=True)
class RunRequest(Request[Result | None], Generic[Result]):
    """A request to an open run; the answer is None where the host does not have the run."""

    run_id: str

    def with_config(self, config: dict[str, Any]) -> Self:
        """The same request with the run's newest config, where it carries one."""
        return self


@dataclass(frozen=True)
class Ping(Request[int]):
    """Whether the host is ready; the answer is its process id."""


@dataclass(frozen=True)
class OpenRun(Request[int]):
    """Opens a run, from its newest checkpoint if there is one; the answer is the step that the run is at."""

    run_id: str
    slug: str
    config: dict[str, Any]
    store: CheckpointStore


@dataclass(frozen=True)
class OpenPreTrained(Request[int]):
    """Opens a pre-trained model as a run that is only asked; the answer is the step that it is at."""

    run_id: str
    slug: str
    setting: str


@dataclass(frozen=True)
class Advance(RunRequest[Frame]):
    """Trains one slice of a run, and draws what is due."""

    is_charged = True
    slice_: Slice

    def with_config(self, config: dict[str, Any]) -> Self:
        return replace(self, slice_=replace(self.slice_, config=config))


@dataclass(frozen=True)
class Ask(RunRequest[Answer]):
    """Puts a question to a probe of a run; the answer is whole, or the first of its parts."""

    is_charged = is_question = True
    probe: str
    question: dict[str, Any]
    click: Click | None = None
    """Where a view was clicked, which fills in fields of the question."""
    prepared: Prepared | None = None
    """What `Prepare` made of the question."""
    asker: str = ""
    """Who asks a model that many may ask: a newer question of the same asker ends an older one."""
    config: dict[str, Any] | None = None
    """The run's newest config."""

    def with_config(self, config: dict[str, Any]) -> Self:
        return replace(self, config=config)


@dataclass(frozen=True)
class ContinueAnswer(Request[Answer | None]):
    """The next part of an answer; None where a newer question or a new host has ended that answer."""

    is_charged = True
    run_id: str
    probe: str
    number: int
    """`Answer.number` of the parts before."""
    asker: str = ""


@dataclass(frozen=True)
class ParkRun(RunRequest[bool]):
    """Writes a run to its store and forgets it; the answer is False, and the run stays, where that is not possible."""


@dataclass(frozen=True)
class CloseRun(Request[None]):
    """Forgets a run. Its checkpoints are deleted by whoever asks for this."""

    run_id: str


@dataclass(frozen=True)
class Prepare(Request[Prepared]):
    """Does what a probe's question needs before a model is asked (`Probe.prepare`)."""

    slug: str
    probe: str
    question: dict[str, Any]


@dataclass(frozen=True)
class WarmUp(Request[None]):
    """Does in advance what would keep the first visitor waiting."""


@dataclass(frozen=True)
class NumericThreads(Request[dict[str, int]]):
    """Library → threads on which it computes."""


@dataclass(frozen=True)
class CpuSeconds(Request[float]):
    """CPU time that the host's process has used."""


@dataclass(frozen=True)
class CollectionSeconds(Request[float]):
    """CPU time of a full garbage collection."""
