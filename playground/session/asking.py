"""Who answers a tab's questions: its run, or the pre-trained model of its setting where there is none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.engine.frame import Answer, Click
from playground.session.complaints import NoRun

if TYPE_CHECKING:
    from playground.session.tab_session import TabSession


async def ask(tab: TabSession, probe: str, question: dict[str, Any], click: Click | None = None) -> Answer:
    """The answer, or its first part. Raises NoRun, Gone."""
    if tab.run.id:
        return await tab.scheduler.ask(tab.run.id, probe, question, click, config=tab.run.config)
    slug, setting = tab.concept.slug, tab.pre_trained_setting
    is_gone = tab.run.last is not None  # it had other pictures than the pre-trained model
    if is_gone or not tab.scheduler.has_pre_trained(slug, setting):
        raise NoRun
    return await tab.scheduler.ask_pre_trained(slug, setting, probe, question, click, tab.owner)


async def continue_answer(tab: TabSession, probe: str, number: int) -> Answer | None:
    """The next part of an answer; None where a newer question has ended it, or another model answers now."""
    if tab.run.id:
        return await tab.scheduler.continue_answer(tab.run.id, probe, number)
    return await tab.scheduler.continue_pre_trained(
        tab.concept.slug, tab.pre_trained_setting, probe, number, tab.owner
    )  # fmt: skip
