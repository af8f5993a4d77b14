"""Questions to one model: each is answered whole, or part by part until a newer one takes its place."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from typing import Any

from playground.concept import Concept, Config, Experiment, Probe
from playground.engine.answers import answer_or_sentence
from playground.engine.frame import Answer, Click, Prepared, Stamp
from playground.engine.parts import Parts
from playground.engine.random_state import preserved_random_state
from playground.wording import parse_question
from playground.words import say

MOST_OPEN = 8
"""Answers of one model that are kept open: each holds copies of what it needs of the model."""

Key = tuple[str, str]
"""(who asks, probe)."""


class Questions:
    def __init__(self, concept: Concept, experiment: Experiment) -> None:
        self.concept, self.experiment = concept, experiment
        self.numbers = itertools.count(1)
        self.open: dict[Key, tuple[Answer, Parts]] = {}
        """The last part of each answer that may have more; the oldest question first."""

    def ask(
        self, config: Config, stamp: Stamp, probe: str, question: dict[str, Any],
        click: Click | None, prepared: Prepared | None, asker: str,
    ) -> Answer:  # fmt: skip
        """The answer, or the first part of it; what can't be answered comes back as a sentence.

        config, stamp: of the model as it stands
        """
        probes = self.concept.probes_for(config)
        found = next((p for p in probes if p.name == probe), None)
        if found is None:
            names = ", ".join(p.name for p in probes)
            return Answer(error=say("engine.no_probe", probe=probe, names=names))
        self._end((asker, probe))
        if found.prepare and not prepared:
            return Answer(needs_preparation=True)
        if prepared and prepared.error:
            return Answer(error=prepared.error)
        begin = partial(self._begin, found, question, click, prepared, asker, stamp)
        answer = answer_or_sentence(f"{self.concept.slug}/{probe}", begin)
        return answer if isinstance(answer, Answer) else Answer(error=answer)

    def _begin(
        self, probe: Probe, question: dict[str, Any], click: Click | None, prepared: Prepared | None, asker: str,
        stamp: Stamp,
    ) -> Answer:  # fmt: skip
        with preserved_random_state():
            if click:
                view, *at = click
                question = {**question, **probe.clicks[view](self.experiment, *at)}
            asked = prepared.value if prepared else parse_question(probe.question, question)
        parts = Parts(partial(probe.ask, self.experiment, asked), stamp)
        text = parts.next()
        assert text is not None, f"{probe.name} answered nothing"
        first = Answer(
            text, question if click else {}, stamp.step, stamp.version, more=parts.more, number=next(self.numbers)
        )
        if parts.more:
            self.open[asker, probe.name] = first, parts
            for old in list(self.open)[:-MOST_OPEN]:
                self._end(old)
        return first

    def go_on(self, probe: str, number: int, asker: str) -> Answer | None:
        """The next part of an answer; when there is no other, the last one comes again with `more` false. None where
        the answer of this number has ended."""
        known = self.open.get((asker, probe))
        if known is None or known[0].number != number:
            return None
        last, parts = known

        def part() -> Answer:
            text = parts.next()
            return replace(last, figure=text or last.figure, more=parts.more)

        found = answer_or_sentence(f"{self.concept.slug}/{probe}", part)
        answer = found if isinstance(found, Answer) else replace(last, figure="", more=False, error=found)
        if answer.more:
            self.open[asker, probe] = answer, parts
        else:
            self._end((asker, probe))
        return answer

    def _end(self, key: Key) -> None:
        """A newer question takes the place of the one before, if there was one."""
        if key in self.open:
            self.open.pop(key)[1].close()
