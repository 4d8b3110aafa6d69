"""Signing people out of a desktop before it is switched off, where the cloud counts them.

A stop by the hours signs out nobody who is connected at that moment.
"""

from webapp.clouds.base import SignsOut
from webapp.domain.connections import ConnectionState, Seen
from webapp.domain.decisions import power as decisions
from webapp.domain.decisions.hours import is_stop_by_hours
from webapp.domain.errors import CloudError
from webapp.engine import working_hours
from webapp.engine.account import raise_if_account
from webapp.engine.rows import last_line, write_row
from webapp.engine.run import Run
from webapp.models import Workspace


def signed_out(run: Run, rows: list[Workspace]) -> list[Workspace]:
    """Those that may be switched off now: nobody is signed in any more, or it has taken long enough.

    A step of its own, repeated from what the row has: the request and its time. So a crash changes nothing.
    """
    signs_out, ready = run.driver.signs_out, list[Workspace]()
    for row in rows:
        counted: int | Seen = 0
        if signs_out is not None and row.cloud_state in decisions.SIGNED_IN:
            counted = _sign_out(signs_out, row)
        if isinstance(counted, Seen):
            working_hours.withdraw(run, row, counted)
            continue
        now = run.engine.clock.now()
        waiting = decisions.signing_out(counted, requested_at=row.action_requested_at, now=now)
        if waiting is None:
            ready.append(row)
            continue
        is_news = last_line(run.engine, row).event != decisions.SIGNING_OUT
        write_row(run, row, waiting.change, waiting.note if is_news else None)
    return ready


def somebody_seen(run: Run, row: Workspace) -> Seen | None:
    """Who is connected at this moment, or may be; None: nobody. Raises AccountTrouble."""
    if (signs_out := run.driver.signs_out) is None:
        return None
    try:
        seen = signs_out.see_sessions(row.cloud_workspace_id or "")
    except CloudError as error:
        raise_if_account(error)
        return Seen(ConnectionState.UNKNOWN)
    return None if seen.state is ConnectionState.DISCONNECTED else seen


def _sign_out(signs_out: SignsOut, row: Workspace) -> int | Seen:
    """How many sessions may still be counted; none without the right to ask. Raises AccountTrouble.

    If it was the hours that asked for the stop, and somebody may be connected: what was seen.
    """
    is_by_hours = is_stop_by_hours(row.requested_action, row.hours_duty)
    try:
        return signs_out.sign_out(row.cloud_workspace_id or "", only_if_unused=is_by_hours)
    except CloudError as error:
        raise_if_account(error)
        return 1 if error.failure.trouble.is_transient else 0
