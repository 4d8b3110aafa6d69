"""The page text of each cloud, as data, so that no template needs to know which cloud it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.domain.cloud_fields import CLOUD_FIELDS
from webapp.domain.lifecycle import Action


@dataclass(frozen=True, slots=True)
class ProviderCopy:
    label: str
    """The service."""
    choice: str
    """What you need to choose it, in a sentence."""
    bundles: str
    """What the list of bundles contains."""
    no_bundles: str
    username_label: str
    username_help: str
    """With `{person}` and the readable fields of the credential."""
    billing: Mapping[str, str]
    """By running mode, as one of the facts about a workspace."""
    billing_of_order: str
    usual_time: str
    pool: str
    """Where the machines are."""
    goes_with_it: str
    """What is removed with a machine, in a sentence."""
    key_outlives: str
    """What the deletion of a credential leaves in the cloud."""
    effects: Mapping[Action, str] = field(default_factory=dict)
    """What an action does, where clouds differ."""

    def username_help_for(self, person: str, public_fields: Mapping[str, str]) -> str:
        return self.username_help.format(person=person, **public_fields)


AWS = ProviderCopy(
    label=CLOUD_FIELDS["aws"].label,
    choice="Ubuntu or Windows. You need a directory registered for WorkSpaces, and an access key.",
    bundles="The sizes (bundles) this cloud account offers now: Amazon’s and your own.",
    no_bundles="Check the region and permissions of the cloud account.",
    username_label="User name in the directory",
    username_help="{person} must already be a user in the directory {directory_id}. At most 20 letters,"
    " digits, dots, hyphens and underscores.",
    billing={"ALWAYS_ON": "always on", "AUTO_STOP": "by the hour while in use"},
    billing_of_order="Your cloud account is billed by the hour while the desktop is in use.",
    usual_time="Amazon usually needs 10 to 20 minutes.",
    pool="the directory",
    goes_with_it="The user account in the directory stays.",
    key_outlives="The key stays valid at Amazon until you delete it there.",
    effects={Action.START: "Switches the desktop on. Hourly billing starts."},
)

AZURE = ProviderCopy(
    label=CLOUD_FIELDS["azure"].label,
    choice="Windows 11. You need a personal host pool, a network, and an application in Entra.",
    bundles="The desktop sizes that Berth supports, and which of them this subscription can use now.",
    no_bundles="Check the location, subscription and permissions of the cloud account.",
    username_label="Sign-in name in Entra",
    username_help="The “User principal name” of {person} in the Entra admin center, such as sam@example.com;"
    " a guest’s is the long one with #EXT#. {person} must be in the group that may use the host pool"
    " {host_pool}. At most 113 characters.",
    billing={"ON_DEMAND": "by the minute while allocated; the disk always"},
    billing_of_order="Your Azure subscription is billed by the minute while the machine is allocated, and for"
    " its disk always. Stopping deallocates the machine and keeps the disk.",
    usual_time="Azure usually needs about half an hour, sometimes an hour.",
    pool="the host pool",
    goes_with_it="The machine, network interface, disk and host pool registration are removed. The person’s"
    " account in Entra stays.",
    key_outlives="The client secret stays valid in Entra until you delete it there.",
    effects={
        Action.START: "Switches the desktop on. Billing by the minute starts.",
        Action.STOP: "Switches the desktop off and deallocates it; you pay only for its disk. Open programs"
        " close.",
    },
)

PROVIDER_COPY: dict[str, ProviderCopy] = {"aws": AWS, "azure": AZURE}


def provider_copy_of(cloud_provider: str) -> ProviderCopy:
    return PROVIDER_COPY[cloud_provider]
