"""Errands: jobs that a page asks for and the monitor does, with how far they are and what came of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import uuid4

import streamlit as st

from config.i18n import mark
from config.principal import NotAllowedError
from dashboard import trial
from dashboard.markup import Html, element
from dashboard.notice import MONITOR, NO_WORKER
from dashboard.visitor import Visitor, visitor
from storage import jobs
from storage.jobs import Job, UnknownJobError
from storage.request import Collect, Collected, SendTest, Sent, Tried, TrySource
from storage.status import processes

_POLL: Final = timedelta(seconds=1)
_NOT_ASKED: Final = mark("Not asked: nobody would do it.")
_NOT_ALLOWED: Final = mark("Your role does not allow this. Ask an administrator.")


def read_source(name: str) -> None:
    """Ask the monitor to read a source now."""
    ask(visitor(), "collect", Collect(source=name), f"source.{name}")


def send_test(name: str) -> None:
    """Ask the monitor to send a test message through a channel."""
    ask(visitor(), "send_test", SendTest(channel=name), f"channel.{name}")


def ask(who: Visitor, kind: str, request: Collect | SendTest | TrySource, slot: str) -> None:
    """Enqueue once, however often the same is asked before there is an answer; not where nobody would do it.

    Nor where the person's role does not allow it: the page with the button may be older than the role.
    """
    st.session_state[_refused(slot)] = () if _is_somebody_there(who) else (_NOT_ASKED, NO_WORKER)
    if st.session_state[_refused(slot)]:
        return
    before = _job(slot, who)
    if before is None or before.is_ended or before.request != request.model_dump(mode="json"):
        st.session_state[_key(slot)] = uuid4().hex
    key = st.session_state[_key(slot)]
    try:
        job = jobs.enqueue(who.db, kind=kind, request=request, by=who.by, now=who.now, key=key)
    except NotAllowedError:
        st.session_state[_refused(slot)] = (_NOT_ALLOWED,)
    else:
        st.session_state[_slot(slot)] = job.id


def drop(group: str) -> None:
    """Forget the errands of the slots under `group`; they are done all the same."""
    for key in [key for key in st.session_state if str(key).startswith(f"{_slot(group)}.")]:
        del st.session_state[key]


def show(who: Visitor, slot: str) -> None:
    """Show what becomes of the errand of a `source.<name>`, a `channel.<name>` or the trial of a form.

    Nothing is shown where there is none.
    """
    refused: tuple[str, ...] = st.session_state.get(_refused(slot), ())
    if refused:
        st.html(_line(*map(who.t, refused), style="gw-failed"))
        return
    job = _job(slot, who)
    if job is None:
        return
    if job.is_ended:
        st.html(_outcome(job, who))
    else:
        _watch(slot)


@st.fragment(run_every=_POLL)
def _watch(slot: str) -> None:
    """Show how far an errand is, each second, until it has ended."""
    who = visitor()
    job = _job(slot, who)
    if job is None or job.is_ended:
        st.rerun()
    st.html(_standing(job, who))


def _job(slot: str, who: Visitor) -> Job | None:
    job_id = st.session_state.get(_slot(slot))
    try:
        return jobs.get(who.db, job_id, by=who.by) if job_id else None
    except UnknownJobError:  # it was long ago, and is forgotten
        return None


def _is_somebody_there(who: Visitor) -> bool:
    return any(row.process == MONITOR and row.alive for row in processes(who.db, now=who.now))


def _standing(job: Job, who: Visitor) -> Html:
    t = who.t
    if job.state == "waiting" and not _is_somebody_there(who):
        return _line(t(NO_WORKER), t("This is done as soon as it runs, within the hour; you need not wait here."))
    doing = t("Reading a few of its pages…") if job.kind == "try_source" else t("Being done…")
    said = t("Waiting for the monitor…") if job.state == "waiting" else doing
    share = who.words.share(job.progress) if job.progress else None
    return _line(said, share, style="gw-running")


def _outcome(job: Job, who: Visitor) -> Html:
    t = who.t
    when = who.words.when(job.finished_at, who.now) if job.finished_at else None
    if job.state == "done" and job.kind == "try_source":
        return trial.report(Tried.model_validate(job.result), when, who)
    if job.state == "done":
        return _line(_result(job, who), when, style="gw-done")
    said = t("Nobody knows what came of it:") if job.state == "unknown" else t("It did not work:")
    return _line(said, element("span", job.error or ""), when, style="gw-failed")


def _result(job: Job, who: Visitor) -> str:
    t, words = who.t, who.words
    if job.kind == "collect":
        found = Collected.model_validate(job.result)
        return t(
            "Read: {new} new, {changed} changed, {same} known already, {rejected} turned away.",
            new=words.number(found.new),
            changed=words.number(found.changed),
            same=words.number(found.same),
            rejected=words.number(found.rejected),
        )
    Sent.model_validate(job.result)
    return t("The test message was sent; look whether it has arrived.")


def _line(said: str, *more: str | None, style: str = "") -> Html:
    parts = [part for one in more if one is not None for part in (" ", one)]
    return element("p", element("strong", said), *parts, class_=f"gw-errand {style}".strip(), role="status")


def _slot(slot: str) -> str:
    return f"errand.{slot}"


def _key(slot: str) -> str:
    return f"errand.{slot}.key"


def _refused(slot: str) -> str:
    return f"errand.{slot}.refused"
