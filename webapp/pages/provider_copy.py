"""How the pages speak of each cloud: its own words, as data, so that no template asks which cloud it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.domain.cloud_fields import CLOUD_FIELDS
from webapp.domain.lifecycle import Action


@dataclass(frozen=True, slots=True)
class ProviderCopy:
    label: str
    """The service."""
    choice: str
    """What one needs to choose it, in a sentence."""
    bundles: str
    """What the list of bundles holds."""
    no_bundles: str
    username_label: str
    username_help: str
    """With `{person}` and the readable fields of the credential."""
    billing: Mapping[str, str]
    """By running mode, as one of the facts about a workspace."""
    billing_of_order: str
    usual_time: str
    pool: str
    """What the machines are counted in."""
    goes_with_it: str
    """What is removed with a machine, in a sentence."""
    key_outlives: str
    """What the deletion of a credential leaves at the cloud."""
    effects: Mapping[Action, str] = field(default_factory=dict)
    """What an action does, where that is not the same everywhere."""

    def username_help_for(self, person: str, public_fields: Mapping[str, str]) -> str:
        return self.username_help.format(person=person, **public_fields)


AWS = ProviderCopy(
    label=CLOUD_FIELDS["aws"].label,
    choice="Ubuntu or Windows. You need a directory registered for WorkSpaces, and an access key.",
    bundles="What this cloud account offers right now: Amazon’s bundles and your own.",
    no_bundles="Check region and rights of the credential.",
    username_label="User name in the directory",
    username_help="{person} must already be a user of the directory {directory_id}. At most 20 letters,"
    " digits, dots, hyphens and underscores.",
    billing={"ALWAYS_ON": "always on", "AUTO_STOP": "by the hour while in use"},
    billing_of_order="Billed by the hour while in use, by your cloud account.",
    usual_time="Amazon usually needs 10 to 20 minutes.",
    pool="the directory",
    goes_with_it="The user in the directory stays.",
    key_outlives="The key itself stays valid in the cloud until you delete it there.",
    effects={Action.START: "Switches the desktop on; billing by the hour begins."},
)

AZURE = ProviderCopy(
    label=CLOUD_FIELDS["azure"].label,
    choice="Windows 11. You need a host pool for personal desktops, a network, and an application in Entra.",
    bundles="The sizes of desktop that Berth knows, and which of them this subscription can have right now.",
    no_bundles="Check location, subscription and rights of the credential.",
    username_label="Sign-in name in Entra",
    username_help="The “User principal name” of {person} in the Entra admin center, such as sam@example.com;"
    " a guest’s is the long one with #EXT#. {person} must be in the group that may use the host pool"
    " {host_pool}. At most 113 characters.",
    billing={"ON_DEMAND": "by the minute while the machine is allocated; its disk always"},
    billing_of_order="Billed by your Azure subscription: by the minute while the machine is allocated, and"
    " its disk always. Stopping gives the machine back and leaves the disk.",
    usual_time="Azure usually needs about half an hour, sometimes an hour.",
    pool="the host pool",
    goes_with_it="Machine, network card, disk and place in the host pool are all removed. The person’s"
    " account in Entra stays.",
    key_outlives="The client secret itself stays valid in Entra until you delete it there.",
    effects={
        Action.START: "Switches the desktop on; billing by the minute begins.",
        Action.STOP: "Switches it off and gives the machine back, so that only its disk costs; open programs"
        " close.",
    },
)

PROVIDER_COPY: dict[str, ProviderCopy] = {"aws": AWS, "azure": AZURE}


def provider_copy_of(cloud_provider: str) -> ProviderCopy:
    return PROVIDER_COPY[cloud_provider]
