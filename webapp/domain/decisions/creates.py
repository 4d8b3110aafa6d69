"""What the response to a create means for its row: wait, retry, or end. The table is `Trouble`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain import catalogue
from webapp.domain.decisions.change import (
    NO_CHANGE,
    NO_ERROR,
    NO_EVIDENCE,
    NO_WAIT,
    RowChange,
    error_columns,
    looked,
)
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.decisions.waits import waiting, waits
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState, Phase
from webapp.domain.observation import Observation
from webapp.domain.retry import LONG_PAUSE_S

ORDERS_WAIT = timedelta(seconds=60)
"""How soon orders that wait for a missing permission are tried again."""
INTENT_GRACE_POLLS = 1
"""How soon after an intent the row is checked if no response was recorded."""
NAME_TAKEN = "machine_name_taken"
"""The cloud makes machines under names of ours, and what stands under this one was read and is not ours."""
NOT_LISTED_YET = Failure("desktop_not_listed", Trouble.TRANSIENT)
"""The cloud says that the slot is taken, and it may be by our own lost create."""
USER_UNKNOWN = "user_not_found"
"""The directory has no such user: somebody makes it, and the order goes on."""
USER_SPREADS = timedelta(minutes=30)
"""How long a user that was just made may be unknown to other parts of the cloud."""
USER_SPREADING = Failure("user_replicating", Trouble.TRANSIENT)
LOOK_FOR_USER, LOOK_SOON = timedelta(minutes=5), timedelta(seconds=60)
"""How soon an order that waits for its user is tried again: for one by others, for our own new one."""
LOST = Failure("answer_lost", Trouble.UNKNOWN)
"""The response does not mention the order."""


def intended(row: RowState, *, seed: str, deadline: timedelta, pace: Pace, now: datetime) -> Decision:
    """A create is about to be sent; `seed` is random, for a machine that has none yet."""
    change = (
        RowChange(
            phase=Phase.CREATE_INTENT,
            issued_at=now,
            has_unknown_outcome=True,
            due_at=now + pace.poll * INTENT_GRACE_POLLS,
        )
        | looked(now)
        | NO_EVIDENCE
    )
    if row.phase is Phase.REQUESTED:
        # Also after a refusal for a missing permission: that wait does not count as the cloud's.
        change |= RowChange(deadline_at=now + deadline)
    if row.password_seed is None and not row.has_unknown_outcome:
        # A create that may have worked is repeated as it was: it had the seed of the row, or none at all
        # if an earlier release sent it.
        change |= RowChange(password_seed=seed)
    # An order that waits, for its credential or its user, is tried every few minutes: its log says so once.
    is_repeat = row.phase is Phase.CREATE_INTENT and row.waiting_code is None
    is_news = row.issued_at is None or is_repeat
    note = Note("create_sent", "Sent the order to the cloud.", details={"generation": row.generation})
    return Decision(change, note if is_news else None)


@dataclass(frozen=True, slots=True)
class Before:
    """The situation of a row before the create."""

    was_unknown: bool
    """An earlier create may still have worked."""
    issued_at: datetime | None
    """When the newest earlier create was sent; None: nothing was ever sent for it."""

    @property
    def is_first(self) -> bool:
        return self.issued_at is None


@dataclass(frozen=True, slots=True)
class SentCreate:
    """A create that was sent for a row, with what is needed to judge its response."""

    row: RowState
    before: Before
    pace: Pace
    now: datetime
    jitter: float
    """Of the wait before another attempt (`retry.draw_jitter`)."""
    blocked_code: str | None = None
    """Why the credential is already on hold."""
    user_made_at: datetime | None = None
    """When Berth made the user of this order; None: somebody else did, or has to."""

    def accepted(self, machine: Observation) -> Decision:
        """The cloud is creating it."""
        change = RowChange(
            phase=Phase.CREATING,
            cloud_workspace_id=machine.cloud_workspace_id,
            cloud_state=CloudState.PENDING,
            cloud_word=machine.word,
            due_at=self.now + self.pace.poll,
        )
        note = Note(
            "create_accepted",
            "The cloud is creating the desktop.",
            details={"cloud_workspace_id": machine.cloud_workspace_id},
        )
        return self._decide(change | NO_ERROR, note)

    def refused(self, failure: Failure, *, at_least_s: float) -> Decision:
        """The cloud's response says that nothing was done for this order."""
        if failure.code == NAME_TAKEN and not self.before.was_unknown:
            return self._give_way(failure)
        if failure.trouble is Trouble.EXISTS:
            # Our own earlier attempt, or someone else's machine: a check of the slot tells.
            settles_at = self.pace.absence.settles_at(self.before.issued_at)
            may_be_ours = self.before.was_unknown and failure.code != NAME_TAKEN
            if may_be_ours and settles_at is not None and self.now < settles_at:
                return self._wait_to_see(settles_at, at_least_s=at_least_s)
            return self._try_later(failure, was_unknown=self.before.was_unknown, at_least_s=at_least_s)
        return self.failed(failure, at_least_s=at_least_s)

    def unsent(self, *, at_least_s: float = 0.0) -> Decision:
        """The order was never sent: it stays as it was, or waits if the cloud asks."""
        if not at_least_s:
            return self._decide(self._as_before())
        wait = max(self.pace.poll, timedelta(seconds=at_least_s))
        words = catalogue.entry("throttled")
        message = f"{words.message} Trying again in {round(wait.total_seconds())} s."
        return self._decide(
            self._as_before() | RowChange(due_at=self.now + wait),
            Note("retry_scheduled", message, Level.WARNING),
        )

    def failed(self, failure: Failure, *, at_least_s: float) -> Decision:
        """The call failed, for this order alone or as a whole."""
        match failure.trouble:
            case Trouble.UNKNOWN:
                return self._try_later(failure, was_unknown=True, at_least_s=at_least_s)
            case Trouble.CREDENTIAL:
                return self._wait_for_repair(failure)
            case Trouble.TRANSIENT if failure.stops_everything:
                # Never sent: the account waits as a whole, and no attempt is used up.
                return self.unsent()
            case Trouble.THROTTLED if at_least_s >= LONG_PAUSE_S:
                # The account waits as a whole, and no attempt is used up.
                return self.unsent(at_least_s=at_least_s)
            case Trouble.TRANSIENT | Trouble.THROTTLED:
                return self._try_later(failure, was_unknown=self.before.was_unknown, at_least_s=at_least_s)
            case _ if failure.code == USER_UNKNOWN:
                return self._wait_for_user(failure)
            case _:
                return self._fail(failure, was_unknown=self.before.was_unknown)

    def _wait_for_user(self, failure: Failure) -> Decision:
        """Nothing is wrong with the order: it goes on by itself when the user is there."""
        made_at = self.user_made_at
        is_spreading = made_at is not None and self.now - made_at < USER_SPREADS
        found = USER_SPREADING if is_spreading else failure
        wait = LOOK_SOON if is_spreading else LOOK_FOR_USER
        change = self._as_before() | waiting(found, until=self.now + wait)
        return self._decide(change, waits(self.row, found))

    def _wait_to_see(self, settles_at: datetime, *, at_least_s: float) -> Decision:
        """The slot is taken and shows nothing: the lost create may have worked, and is not listed yet.

        This create made nothing, so the time to settle still counts from the earlier one. Each wait is as
        long as all before it, and none uses up an attempt.
        """
        age = self.now - (self.before.issued_at or self.now)
        wait = max(self.pace.poll, min(age, settles_at - self.now), timedelta(seconds=at_least_s))
        words = catalogue.entry(NOT_LISTED_YET.code)
        message = f"{words.message} Berth checks again in {round(wait.total_seconds())} s."
        return self._decide(
            RowChange(issued_at=self.before.issued_at, has_unknown_outcome=True, due_at=self.now + wait),
            Note("retry_scheduled", message, Level.WARNING, details=facts_of(NOT_LISTED_YET)),
        )

    def _try_later(self, failure: Failure, *, was_unknown: bool, at_least_s: float) -> Decision:
        """Retry after 30, 60 and 120 s, at most three times; then the row fails."""
        attempt = self.row.attempt
        delay = self.pace.retry.delay_after(attempt, jitter=self.jitter, at_least_s=at_least_s)
        if delay is None:
            return self._fail(failure, was_unknown=was_unknown)
        words = catalogue.entry(failure.code)
        message = f"{words.message} Trying again in {round(delay.total_seconds())} s."
        return self._decide(
            RowChange(attempt=attempt + 1, due_at=self.now + delay, has_unknown_outcome=was_unknown),
            Note("retry_scheduled", message, Level.WARNING, details=facts_of(failure)),
        )

    def _give_way(self, failure: Failure) -> Decision:
        """Nothing was ever sent for it, and what is there is never changed."""
        change = RowChange(phase=Phase.CONFLICT, due_at=None, has_unknown_outcome=False)
        words = catalogue.entry(failure.code)
        note = Note("conflict", words.message, Level.ERROR, details=facts_of(failure))
        return self._decide(change | error_columns(failure, self.now) | NO_WAIT, note)

    def _fail(self, failure: Failure, *, was_unknown: bool) -> Decision:
        """Report it at once; close the row once it is certain that nothing was created; check until then."""
        change = RowChange(has_unknown_outcome=was_unknown) | error_columns(failure, self.now) | NO_WAIT
        if was_unknown:
            change |= RowChange(due_at=self.now + timedelta(seconds=self.pace.absence.gap_s))
        else:
            change |= RowChange(phase=Phase.CREATE_FAILED, due_at=None)
        words = catalogue.entry(failure.code)
        note = Note("create_failed", words.message, Level.ERROR, details=facts_of(failure))
        return self._decide(change, note)

    def _wait_for_repair(self, failure: Failure) -> Decision:
        """The key or its permissions are the problem, not this order: it waits, without using an attempt."""
        is_news = self.blocked_code != failure.code
        words = catalogue.entry(failure.code)
        note = Note(
            "waiting_for_credential",
            f"{words.message} The order waits until the cloud account is fixed.",
            Level.WARNING,
            details=facts_of(failure),
        )
        change = self._as_before() | RowChange(due_at=self.now + ORDERS_WAIT)
        return self._decide(change, note if is_news or self.before.is_first else None)

    def _as_before(self) -> RowChange:
        """The call had no effect; if nothing was ever in doubt, the row is a plain order again."""
        was_unknown = self.before.was_unknown
        phase = Phase.CREATE_INTENT if was_unknown else Phase.REQUESTED
        return RowChange(has_unknown_outcome=was_unknown, phase=phase)

    def _decide(self, change: RowChange, note: Note | None = None) -> Decision:
        """An order cancelled during the call does not wait: close it now."""
        return Decision(change | (NO_CHANGE if self.row.is_wanted else RowChange(due_at=self.now)), note)
