"""What a company prepares in a cloud before Berth can work there, and the policy to copy. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    last_steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    """What replaces the last of `steps` for another way to sign in, by `auth_kind`."""
    trust: str = ""
    """Whom a role lets in, as JSON with the placeholders PRINCIPAL and EXTERNAL_ID; empty: there are none."""
    trust_help: str = ""

    def steps_for(self, auth_kind: str) -> tuple[Step, ...]:
        last = self.last_steps.get(auth_kind)
        return self.steps if last is None else (*self.steps[:-1], *last)

    def trust_for(self, principal: str, public_fields: Mapping[str, str]) -> str:
        """With this installation's own name, and the external ID once it is known."""
        external_id = public_fields.get("external_id") or "EXTERNAL_ID"
        return self.trust.replace("PRINCIPAL", principal).replace("EXTERNAL_ID", external_id)

    def policy_for(self, public_fields: Mapping[str, str], account_id: str | None) -> str:
        """The policy with the known values filled in."""
        known = {**public_fields, "account_id": account_id or ""}
        text = self.policy
        for word, name in self.fills.items():
            if known.get(name):
                text = text.replace(word, known[name])
        return text
