"""The costs of a filled company's month: days of each desktop, and sums by all that the pages group by.

Both figures, two currencies, and what no desktop explains.
"""

from datetime import date

from sqlalchemy import Connection, text

from tests.scale.filling import MONTH

DAYS = (date(2026, 11, 21), date(2026, 11, 22))
READ_AT = "2026-11-24 01:00:00.000000"
GROUPS = {
    "job": "a.job_posting_id",
    "person": "a.seeker_id",
    "bundle": "w.bundle_name",
    "cloud": "w.cloud_provider",
    "credential": "w.credential_id",
}
_AMOUNT, _CURRENCY = "100 + id % 1000 * 7919 % 9973", "CASE WHEN id % 10 = 0 THEN 'EUR' ELSE 'USD' END"
_SUMS = (
    "INSERT INTO cost_sums (company_id, month, dimension, key, currency, workspace_id, is_estimated,"
    " estimated_minor, is_billed, billed_minor)"
)


def fill_costs(connection: Connection, *, company_id: int, credential_id: int) -> None:
    """Amounts of a desktop are the same on each day."""
    of_company = {"company": company_id, "credential": credential_id}
    for statement in (*_days(), *_sums()):
        connection.execute(text(statement), of_company)
    connection.execute(
        text(
            "INSERT INTO bill_readings (credential_id, asked_at, read_at)"
            f" VALUES (:credential, '{READ_AT}', '{READ_AT}')"
        ),
        of_company,
    )


def _days() -> list[str]:
    made = []
    for day in DAYS:
        made += [
            "INSERT INTO cost_days (company_id, credential_id, day, currency, source, workspace_id,"
            f" amount_minor) SELECT company_id, credential_id, '{day}', {_CURRENCY}, '{source}', id,"
            f" {_AMOUNT} FROM workspaces WHERE company_id = :company"
            for source in ("estimated", "billed")
        ]
        made.append(
            "INSERT INTO billed_totals (company_id, credential_id, day, currency, amount_minor,"
            " is_provisional, is_by_machine, read_at) SELECT :company, :credential, day, currency,"
            f" sum(amount_minor), TRUE, TRUE, '{READ_AT}' FROM cost_days WHERE company_id = :company"
            f" AND source = 'billed' AND day = '{day}' GROUP BY day, currency"
        )
    return made


def _sums() -> list[str]:
    of_all = f":company, '{MONTH}'"
    both = f"TRUE, {len(DAYS)} * ({_AMOUNT}), TRUE, {len(DAYS)} * ({_AMOUNT})"
    made = [
        f"{_SUMS} SELECT {of_all}, 'desktop', CAST(id AS VARCHAR(160)), {_CURRENCY}, id, {both}"
        " FROM workspaces WHERE company_id = :company"
    ]
    for dimension, key in GROUPS.items():
        added = "TRUE, sum(s.estimated_minor), TRUE, sum(s.billed_minor)"
        made.append(
            f"{_SUMS} SELECT {of_all}, '{dimension}', CAST({key} AS VARCHAR(160)), s.currency, NULL, {added}"
            " FROM cost_sums s JOIN workspaces w ON w.id = s.workspace_id"
            " JOIN applications a ON a.id = w.application_id"
            f" WHERE s.company_id = :company GROUP BY {key}, s.currency"
        )
    for dimension, keys in (("day", DAYS), ("remainder", ("unmarked", "other_services"))):
        made += [
            f"{_SUMS} VALUES ({of_all}, '{dimension}', '{key}', '{currency}', NULL, FALSE, 0, TRUE, 1234)"
            for key in keys
            for currency in ("EUR", "USD")
        ]
    return made
