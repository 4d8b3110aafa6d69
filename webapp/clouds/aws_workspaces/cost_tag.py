"""The line of the credential test about our tag in the bill: it counts only from when it has been activated.

Only the account that pays may look, and only it may activate (docs/evidence/aws_workspaces.md#cost-tags).
"""

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.reports import Check
from webapp.domain.errors import CloudError, Trouble

RIGHT = "ce:ListCostAllocationTags"
NAME, LABEL = f"permission:{RIGHT}", "Tag in the bill"
WHERE = "Billing and Cost Management → Cost allocation tags"
ACTIVE = "Active"


def check_tag(client: AwsClient, mark: str) -> Check:
    """One call. `mark`: the key of our tag."""
    try:
        answer = client.read("ListCostAllocationTags", service="ce", TagKeys=[mark], MaxResults=1)
    except CloudError as error:
        if error.failure.trouble is Trouble.CREDENTIAL:
            return _line(
                None,
                "Amazon shows this to the account that pays the bill, and not to this key.",
                f"Ask the payer account whether “{mark}” is active under {WHERE}. An account that pays for"
                f" itself can add {RIGHT}.",
            )
        return _line(None, "Could not read it.", "Test again later.")
    found = next((one for one in answer.get("CostAllocationTags", ()) if one.get("TagKey") == mark), None)
    if found is not None and found.get("Status") == ACTIVE:
        return _line(True, f"“{mark}” is active: the bill tells desktops apart.")
    seen = "is not active" if found is not None else "is not known to the bill yet"
    listed = "" if found is not None else " It is listed there up to 24 hours after the first desktop."
    return _line(
        None,
        f"“{mark}” {seen}: the bill tells desktops apart only where it shows single resources.",
        f"In the account that pays, activate it under {WHERE}.{listed} It counts from then on; a back-fill,"
        " there too, adds up to 12 months before.",
    )


def _line(is_ok: bool | None, message: str, remedy: str = "") -> Check:
    return Check(NAME, LABEL, is_ok, message, remedy, is_essential=False)
