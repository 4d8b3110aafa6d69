"""The page text of a cloud, as data, so that no template needs to know which cloud it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.domain.lifecycle import Action


@dataclass(frozen=True, slots=True)
class ProviderCopy:
    choice: str
    """What you need to choose it, in a sentence."""
    bundles: str
    """What the list of bundles contains."""
    no_bundles: str
    username_label: str
    needed_first: str
    """What the person must be before the cloud can give them a desktop. With `{person}` and the
    readable fields of the credential, as in `username_help`."""
    username_help: str
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
    kept_costs: str = "While it is kept, it costs what a desktop costs that is switched off."
    """What it costs between the end of access and its deletion."""
    new_for_next: str = "The files of the former person are on that desktop, so the next one gets a new one."
    """Why a hand-over makes a new desktop."""
    snapshot_rights: str = ""
    """What to do when Berth may take no snapshots of disks."""
    other_backup: str = ""
    """That the company's own backup keeps a desktop, with `{name}`."""
    other_backup_stays: str = ""
    """What that means for the end of the desktop."""
    effects: Mapping[Action, str] = field(default_factory=dict)
    """What an action does, where clouds differ."""

    def username_help_for(self, person: str, public_fields: Mapping[str, str], *, text: str = "") -> str:
        """`text` replaces the cloud's own, for a directory of another kind."""
        return (text or self.username_help).format(person=person, **public_fields)

    def needed_first_for(self, person: str, public_fields: Mapping[str, str]) -> str:
        return self.needed_first.format(person=person, **public_fields)
