"""What a company prepares in each cloud before Berth can work there, and the policy to copy. Data only.

The policies are the JSON of docs/aws.md and docs/azure.md; a test keeps them the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_POLICIES = Path(__file__).parent / "policies"


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


SETUP_GUIDES: dict[str, SetupGuide] = {
    "aws": SetupGuide(
        steps=(
            Step(
                "A directory registered for WorkSpaces",
                "It holds people’s user accounts. Registering it creates the registration code they enter.",
                "WorkSpaces → Directories → your directory → Actions → Register",
            ),
            Step(
                "Each person as a user in the directory",
                "Do this before you order: AWS creates no desktop for a user who is not in the directory.",
                "Directory Service → your directory → Users, or your own Active Directory",
            ),
            Step(
                "Enough quota for your desktops",
                "The quota of a new account is often very low.",
                "Service Quotas → AWS services → Amazon WorkSpaces → WorkSpaces",
            ),
            Step(
                "A policy with only the permissions Berth needs",
                "Copy the one below.",
                "IAM → Policies → Create policy → JSON",
            ),
            Step(
                "An IAM user with that policy, and an access key",
                "It needs no console access. AWS shows the secret once; paste it here.",
                "IAM → Users → Create user; then Security credentials → Create access key → Other",
            ),
        ),
        policy_name="IAM policy",
        policy_help="The last statement is optional; without it the test cannot show how much quota is left.",
        policy=(_POLICIES / "aws.json").read_text(encoding="utf-8"),
        fills={"REGION": "region", "DIRECTORY": "directory_id", "ACCOUNT": "account_id"},
        unfilled="Replace any remaining REGION, DIRECTORY and ACCOUNT; ACCOUNT is the number at the"
        " top right of the AWS console.",
    ),
    "azure": SetupGuide(
        steps=(
            Step(
                "The resource providers, registered",
                "Microsoft.DesktopVirtualization, Microsoft.Compute and Microsoft.Network.",
                "Subscriptions → your subscription → Resource providers",
            ),
            Step(
                "A resource group and a host pool of type Personal",
                "Use direct assignment. Do not add virtual machines; Berth creates them.",
                "Azure Virtual Desktop → Host pools → Create",
            ),
            Step(
                "An application group of type Desktop in a workspace",
                "Without both, people cannot find their desktop.",
                "Azure Virtual Desktop → Application groups, and Workspaces",
            ),
            Step(
                "An Entra group of your people, with two roles",
                "“Desktop Virtualization User” on the application group, and “Virtual Machine User Login” on"
                " the resource group.",
                "Application group → Access control (IAM) → Add role assignment",
            ),
            Step(
                "A network with a free address for each desktop, and enough quota",
                "In the same location and subscription as the desktops.",
                "Virtual networks → Subnets; Subscriptions → Usage + quotas",
            ),
            Step(
                "An application with a role that has only the permissions Berth needs",
                "Copy the role below, assign it to the application, and create a client secret. Its Value is"
                " shown once.",
                "Entra admin center → App registrations → New registration; then Certificates & secrets",
            ),
        ),
        policy_name="Custom role",
        policy_help="It cannot run commands on a desktop, export a disk or grant permissions.",
        policy=(_POLICIES / "azure.json").read_text(encoding="utf-8"),
        fills={"SUBSCRIPTION": "subscription_id"},
        unfilled="Replace any remaining SUBSCRIPTION with your subscription ID.",
    ),
}


def setup_guide_of(cloud_provider: str) -> SetupGuide:
    return SETUP_GUIDES[cloud_provider]
