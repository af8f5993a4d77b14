"""How a probe is asked: what can't be answered comes back as a sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from playground.concept import Concept, Refused
from playground.engine.frame import Prepared
from playground.wording import BadInput, parse_question
from playground.words import say

logger = logging.getLogger(__name__)
T = TypeVar("T")


def answer_or_sentence(name: str, answer: Callable[[], T]) -> T | str:
    """What `answer` returns, or the sentence in which it declined.

    name: of what is asked, for the log
    """
    try:
        return answer()
    except (BadInput, Refused, OSError) as error:
        return str(error)
    except Exception:
        logger.exception("probe %s failed", name)
        return say("engine.unanswered")


def prepare(concept: Concept, probe: str, question: dict[str, Any]) -> Prepared:
    """Does what a probe's question needs before a model is asked (`Probe.prepare`)."""
    found = next(p for p in concept.all_probes if p.name == probe)
    assert found.prepare, f"{probe} needs no preparation"
    made = found.prepare

    def prepared() -> Prepared:
        return Prepared(made(parse_question(found.question, question)))

    result = answer_or_sentence(f"{concept.slug}/{probe}", prepared)
    return result if isinstance(result, Prepared) else Prepared(error=result)
