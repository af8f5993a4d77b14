"""What happens to a tab while its page is gone: its run rests on disk, and trains on when the page comes back."""

from __future__ import annotations

from playground.session.tab_session import TabSession


def put_away(tab: TabSession) -> None:
    """The page is gone: nothing trains any more, and what can be drawn again is forgotten."""
    tab.resumes, tab.playing = tab.playing, False
    if tab.training is not None:
        tab.training.cancel()
    tab.visible_views, tab.run.figures = (), {}


def come_back(tab: TabSession) -> None:
    """The page is there again: a run that was training trains on."""
    if tab.run.id:
        tab.log.add("returned", step=tab.step)
        if tab.resumes:
            tab.playing, tab.resumes = True, False
            tab.start()


def notice_what_is_gone(tab: TabSession) -> None:
    """A run that could not be kept is lost."""
    if tab.run.id and not tab.scheduler.knows(tab.run.id):
        tab.mark_lost()
    if tab.previous and not tab.scheduler.knows(tab.previous.id):
        tab.previous = None
