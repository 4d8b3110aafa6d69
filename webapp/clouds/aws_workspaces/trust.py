"""The proof that the company's role lets nobody in without its external ID.

Whoever else uses this installation could otherwise enter the ARN of a foreign role, and Berth would let them
work there: it is the deputy that must not be confused.
"""

from webapp.clouds.aws_workspaces.roles import WRONG_EXTERNAL_ID, RoleKeys
from webapp.clouds.reports import Check
from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble

NAME, LABEL = "external_id", "External ID"
OPEN = Failure("role_takes_anybody", Trouble.CREDENTIAL)
_TRIED: tuple[tuple[str | None, str], ...] = (
    (WRONG_EXTERNAL_ID, "The role lets Berth in with another external ID."),
    (None, "The role lets Berth in without an external ID."),
)


def check_trust(role: RoleKeys) -> Check:
    """Good only if a wrong external ID and none at all are both refused."""
    try:
        found = _let_in(role)
    except CloudError as error:
        words = catalogue.entry(error.failure.code)
        return Check(NAME, LABEL, None, words.message, words.remedy, failure=error.failure)
    if found is None:
        return Check(NAME, LABEL, True, "The role refuses whoever does not send it.")
    return Check(NAME, LABEL, False, found, catalogue.entry(OPEN.code).remedy, failure=OPEN)


def prove_trust(role: RoleKeys) -> None:
    """Raises CloudError if the role lets anybody in, or if that cannot be found out now."""
    if _let_in(role) is not None:
        raise CloudError(OPEN)


def _let_in(role: RoleKeys) -> str | None:
    """Whom the role lets in besides us, as a sentence. Raises CloudError."""
    return next((says for external_id, says in _TRIED if not role.is_refused(external_id)), None)
