"""The forms of budgets: amounts as people type them, in major units."""

from datetime import date, datetime, timedelta

from wtforms import DateField, Field, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.costs.money import Money, is_currency, minor_digits, typed_amount
from webapp.domain.costs.spans import starts_at
from webapp.models import Budget
from webapp.models.budget import REASON_LENGTH, key_of
from webapp.pages.fields import BerthForm, at_most, choice, is_id, needed
from webapp.queries import cohorts, job_postings
from webapp.queries.cohorts import AnySession

MOST_CHOICES = 50
"""So many jobs and so many group orders can be chosen, the newest first."""
LAST_DAY = date(9000, 1, 1)


class LimitsForm(BerthForm):
    aliases = {"month_minor": "month", "total_minor": "total"}
    month = StringField("Limit for each month", [at_most(30)])
    total = StringField("Limit for the whole", [at_most(30)])

    def limits(self, currency: str) -> Limits | None:
        """None, with the message beside the field, if an amount is none."""
        month, total = (self._amount(field, currency) for field in (self.month, self.total))
        return None if self.month.errors or self.total.errors else Limits(month, total)

    def _amount(self, field: Field, currency: str) -> int | None:
        text = (field.data or "").strip()
        if not text:
            return None
        try:
            return typed_amount(text, currency)
        except ValueError:
            digits = minor_digits(currency)
            example = "1,500.00" if digits else "1,500"
            field.errors = [f"Enter an amount such as {example}, with at most {digits} decimals."]
            return None

    @classmethod
    def of(cls, budget: Budget) -> "LimitsForm":
        return cls(
            data={
                "month": typed(budget.month_minor, budget.currency),
                "total": typed(budget.total_minor, budget.currency),
            }
        )


class BudgetForm(LimitsForm):
    subject = SelectField("For", validate_choice=False)
    currency = StringField("Currency", [needed("Enter a currency."), at_most(3)])

    def offer(self, session: AnySession, *, company_id: int) -> "BudgetForm":
        """The newest jobs and group orders, to choose from."""
        most, of = MOST_CHOICES, company_id
        jobs = job_postings.list_page(session, company_id=of, status=None, limit=most, before=None)
        groups = cohorts.list_newest(session, company_id=of, limit=most)
        self.subject.choices = [
            choice(key_of(Subject.COMPANY), "The whole company"),
            *(choice(key_of(Subject.JOB, one.id), f"Job: {one.title}") for one in jobs),
            *(choice(key_of(Subject.COHORT, one.id), f"Group order: {one.name}") for one in groups),
        ]
        return self

    def chosen(self) -> tuple[Subject, int | None]:
        """What is no subject is a job that nobody has."""
        kind, _, number = (self.subject.data or "").partition(":")
        if kind == Subject.COMPANY and not number:
            return Subject.COMPANY, None
        if kind in (Subject.JOB, Subject.COHORT) and is_id(number):
            return Subject(kind), int(number)
        return Subject.JOB, 0

    def checked_currency(self) -> str | None:
        currency = (self.currency.data or "").strip().upper()
        if is_currency(currency):
            return currency
        self.currency.errors = ["Enter a currency code of three letters, such as USD."]
        return None


class LiftForm(BerthForm):
    until = DateField("Last day", [InputRequired("Choose the last day of the lift.")])
    reason = StringField("Reason", [needed("Say why, so that others know."), at_most(REASON_LENGTH)])

    def ends_at(self) -> datetime:
        """When the last day is over, in UTC."""
        return starts_at(min(self.until.data or LAST_DAY, LAST_DAY) + timedelta(days=1))


class CapForm(BerthForm):
    of = HiddenField()
    """Empty for the company, else the id of a cloud account."""
    most_desktops = IntegerField("At most", [Optional()])


def typed(amount_minor: int | None, currency: str) -> str:
    """As it may be typed again."""
    return "" if amount_minor is None else f"{Money(currency, amount_minor).exact:,f}"
