"""Group orders by a profile: it says what is otherwise chosen in the form."""

from webapp.domain.errors import Conflict, Invalid
from webapp.models import CloudCredential, Cohort, Profile
from webapp.queries import applications, credentials
from webapp.queries import profiles as queries
from webapp.services.by_profile import ByProfile
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import hours_by

CHANGED = "profile_changed"


def get_chosen(
    context: ServiceContext, profile_id: int, *, company_id: int, version: int | None = None
) -> Profile:
    """To order with. `version`: the one that was shown. Raises Invalid, Conflict (`profile_changed`)."""
    profile = queries.find_profile(context.session, profile_id, company_id=company_id)
    if profile is None or profile.archived_at is not None:
        raise Invalid("Profile not found.", code="profile_not_found", field="profile_id")
    if version not in (None, profile.version):
        raise Conflict(
            "The profile was changed a moment ago. Check what it gives now, and order again.", code=CHANGED
        )
    return profile


def find_account(context: ServiceContext, profile: Profile) -> CloudCredential | None:
    """None: it was deleted."""
    return credentials.find_credential(context.session, profile.credential_id, company_id=profile.company_id)


def by_profile_of(context: ServiceContext, cohort: Cohort, application_id: int) -> ByProfile | None:
    """What the profile adds to the order for one of them; None: it is not ordered by a profile.

    What was reviewed is what is ordered, also for those who come later. Raises Conflict (`profile_changed`).
    """
    if cohort.profile_id is None or cohort.profile_version is None:
        return None
    profile = queries.get_profile(context.session, cohort.profile_id, company_id=cohort.company_id)
    if profile.archived_at is not None or profile.desktop_version > cohort.profile_version:
        fate = "changed" if profile.archived_at is None else "archived"
        raise Conflict(
            f"The profile “{profile.name}” was {fate} after this group order. Order for this person with"
            " another one.",
            code=CHANGED,
        )
    application = applications.get_application(context.session, application_id, company_id=cohort.company_id)
    defaults = application.job_posting.contract_defaults.or_else(profile.contract_defaults)
    return ByProfile.of(profile, hours_by(application, defaults))
