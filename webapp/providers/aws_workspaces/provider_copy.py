"""The page text of Amazon WorkSpaces."""

from webapp.domain.lifecycle import Action
from webapp.providers.parts.provider_copy import ProviderCopy

COPY = ProviderCopy(
    choice="Ubuntu or Windows. You need a directory registered for WorkSpaces, and an access key.",
    bundles="The sizes (bundles) this cloud account offers now: Amazon’s and your own.",
    no_bundles="Check the region and permissions of the cloud account.",
    username_label="User name in the directory",
    needed_first="{person} must be a user in the directory {directory_id}. The order waits until that is so.",
    username_help="As it is spelled in the directory. At most 20 letters, digits, dots, hyphens and"
    " underscores.",
    billing={"ALWAYS_ON": "always on", "AUTO_STOP": "by the hour while in use"},
    billing_of_order="Your cloud account is billed by the hour while the desktop is in use.",
    usual_time="Amazon usually needs 10 to 20 minutes.",
    pool="the directory",
    goes_with_it="The user account in the directory stays.",
    key_outlives="The key stays valid at Amazon until you delete it there.",
    new_for_next="A WorkSpace belongs to one user for good: Amazon can give it to nobody else, and a rebuild"
    " keeps its user and the user’s files.",
    effects={Action.START: "Switches the desktop on. Hourly billing starts."},
)
