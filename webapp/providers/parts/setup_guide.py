"""What a company prepares in a cloud before Berth can work there, and the policy to copy. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    where: str
    """In the cloud's own console."""


@dataclass(frozen=True, slots=True)
class SetupGuide:
    steps: tuple[Step, ...]
    policy_name: str
    policy_help: str
    policy: str
    fills: Mapping[str, str]
    """Placeholders in the policy and the field of the credential for each; `account_id` is the account."""
    unfilled: str
    """What to do about placeholders that remain."""

    def policy_for(self, public_fields: Mapping[str, str], account_id: str | None) -> str:
        """The policy with the known values filled in."""
        known = {**public_fields, "account_id": account_id or ""}
        text = self.policy
        for word, field in self.fills.items():
            if known.get(field):
                text = text.replace(word, known[field])
        return text
