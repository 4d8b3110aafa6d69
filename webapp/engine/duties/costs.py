"""Costs: the account's bill and the list prices of its region, each read once a day.

Whatever goes wrong here is no trouble of the account: its desktops do not depend on it.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from webapp.clouds.billing import Bills
from webapp.domain.costs.bills import Bill
from webapp.domain.costs.spans import day_of
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.engine import cost_rows
from webapp.engine.duties.kinds import every, every_night, of_duty
from webapp.engine.run import Run
from webapp.models import CloudCredential
from webapp.providers.registry import get_provider

PRICES_INTERVAL = timedelta(hours=20)
FIRST_DAYS = 62
"""So far back the first reading goes: this month and the one before."""
HIDDEN = "costs_hidden"
AGAIN_BY_MACHINE = timedelta(days=7)
"""After so long it is asked whether it does now."""

next_bill_due = every_night
"""Not every 24 hours, which would be twice on some day: each call is one that Amazon charges for."""
next_prices_due = every(PRICES_INTERVAL)


def read_bill(run: Run) -> None:
    """Raises CloudError if it should be tried again; a missing right is written down and shown with costs."""
    bills, now = run.driver.bills, run.engine.clock.now()
    if bills is None or not _reads_for_all(run):
        return
    asking = _Asking(run, bills, now)
    try:
        bill = asking.read()
    except CloudError as error:
        if not _is_refused(error.failure):
            raise of_duty(error, passing="costs_not_read", lasting="costs_refused") from None
        cost_rows.write_refusal(run, error.failure, asked_at=now)
        return
    run.engine.crashpoint("bill_read")
    cost_rows.write_bill(
        run, bill, last_day=asking.today, read_at=now, by_machine_refused_at=asking.refused_at
    )
    run.engine.crashpoint("bill_written")


def read_prices(run: Run) -> None:
    """Unless another account of this region has just read them. Raises CloudError."""
    source, now = run.driver.prices, run.engine.clock.now()
    if source is None or cost_rows.has_prices_since(run, now - PRICES_INTERVAL / 2):
        return
    try:
        prices = source.read_prices()
    except CloudError as error:
        if _is_refused(error.failure):
            return
        raise of_duty(error, passing="costs_not_read", lasting="costs_refused") from None
    cost_rows.write_prices(run, prices, read_at=now)


def _reads_for_all(run: Run) -> bool:
    """Of credentials that share a bill the oldest reads it."""
    credential, billing = run.credential, get_provider(run.credential.cloud_provider).billing
    with run.engine.sessions.begin() as session:
        rows = session.execute(
            select(CloudCredential.id, CloudCredential.public_fields).where(
                CloudCredential.company_id == credential.company_id,
                CloudCredential.cloud_provider == credential.cloud_provider,
                CloudCredential.account_id == credential.account_id,
                ~CloudCredential.is_deleted,
            )
        ).all()
    sharing = [(row.id, row.public_fields) for row in rows]
    return credential.id == billing.reader_of(sharing, credential.public_fields)


class _Asking:
    """Which days are read, and how: the newest by machine where the account shows that, else by our mark."""

    def __init__(self, run: Run, bills: Bills, now: datetime) -> None:
        reading = cost_rows.reading_of(run)
        self._bills, self._now = bills, now
        self.today = day_of(now)
        self.refused_at = None if reading is None else reading.by_machine_refused_at
        """When the account last did not show its bill by machine."""
        self._first_day = self.today - timedelta(days=FIRST_DAYS)
        if reading is not None and reading.read_at is not None:
            self._first_day = min(self._newest_day, self._first_older_day(run, day_of(reading.read_at)))

    def _first_older_day(self, run: Run, read_on: date) -> date:
        """From when on more than the newest days is read; today if no more is."""
        if read_on == self.today:
            # A worker has died after it: the same is asked again, whatever it has found closed.
            return cost_rows.first_day_read(run, on=self.today) or self.today
        settling = cost_rows.month_to_settle(
            run, since=self._first_day, until=self._newest_day, today=self.today
        )
        return min(read_on, settling or self.today)

    @property
    def _newest_day(self) -> date:
        return self.today - timedelta(days=self._bills.reread_days - 1)

    def read(self) -> Bill:
        """One call, and another one when the first was refused. Raises CloudError."""
        is_worth_asking = self.refused_at is None or self._now - self.refused_at > AGAIN_BY_MACHINE
        if is_worth_asking and self._first_day >= self._newest_day:
            try:
                bill = self._ask(by_machine=True)
            except CloudError as error:
                # Whatever the reason, the other question may be answered.
                if error.failure.trouble is not Trouble.PERMANENT or error.failure.code == HIDDEN:
                    raise
                self.refused_at = self._now
            else:
                self.refused_at = None
                return bill
        return self._ask(by_machine=False)

    def _ask(self, *, by_machine: bool) -> Bill:
        return self._bills.read_bill(
            first_day=self._first_day, last_day=self.today, today=self.today, by_machine=by_machine
        )


def _is_refused(failure: Failure) -> bool:
    """The key may not read costs: a choice of the company, no trouble."""
    return failure.trouble is Trouble.CREDENTIAL or failure.code == HIDDEN
