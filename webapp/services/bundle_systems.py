"""Which system an own bundle has, where neither its name nor its image says it: a person does, once."""

from collections.abc import Mapping
from typing import Any

from webapp.domain.bundle_systems import with_system
from webapp.domain.errors import Invalid
from webapp.models import InquiryKind
from webapp.queries import credentials as queries
from webapp.services.context import ServiceContext
from webapp.services.inquiries import ask


def give_system(
    context: ServiceContext, credential_id: int, bundle_id: str, workspace_type: str, *, company_id: int
) -> dict[str, Any]:
    """Remember it for this cloud account and use it at once. Returns the bundle as it then is.

    The known list changes with it. A worker that is reading the list now does not know it yet, so it is asked
    again; its answer to the older question is then dropped. Raises NotFound, Invalid.
    """
    credential = queries.lock_credential(context.session, credential_id, company_id=company_id)
    inquiry = queries.find_inquiry(
        context.session, credential_id=credential.id, kind=InquiryKind.LIST_BUNDLES
    )
    known = inquiry.answer["bundles"] if inquiry is not None and inquiry.answer else []
    bundle = next((one for one in known if one["bundle_id"] == bundle_id), None)
    if inquiry is None or bundle is None:
        context.session.rollback()
        raise Invalid(
            "This bundle is not available in this cloud account.", code="bundle_not_found", field="bundle_id"
        )
    if workspace_type not in bundle.get("possible_types", ()):
        context.session.rollback()
        raise _not_possible(bundle)
    credential.bundle_systems = {**credential.bundle_systems, bundle_id: workspace_type}
    inquiry.answer = {"bundles": [with_system(one, credential.bundle_systems) for one in known]}
    context.session.commit()
    ask(context, credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES, must_ask_again=True)
    return with_system(bundle, {bundle_id: workspace_type})


def _not_possible(bundle: Mapping[str, Any]) -> Invalid:
    possible = " or ".join(one.capitalize() for one in bundle.get("possible_types", ()))
    if possible:
        instead = f"Choose {possible}."
    else:
        instead = bundle["unavailable_reason"] or f"It runs {bundle['operating_system']}."
    return Invalid(
        f"You cannot choose this system for “{bundle['name']}”. {instead}",
        code="system_not_possible",
        field="workspace_type",
    )
