"""What a company prepares at Azure before Berth can work there.

`policy.json` is the JSON of docs/azure.md; a test keeps them the same.
"""

from pathlib import Path

from webapp.providers.parts.setup_guide import SetupGuide, Step

SETUP_GUIDE = SetupGuide(
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
    last_steps={
        "certificate": (
            Step(
                "An application with a role that has only the permissions Berth needs",
                "Copy the role below, assign it to the application, and upload a certificate without its"
                " private key. Paste here the certificate with the key.",
                "Entra admin center → App registrations → New registration; then Certificates & secrets →"
                " Certificates",
            ),
        )
    },
    policy_name="Custom role",
    policy_help="It cannot run commands on a desktop, export a disk or grant permissions.",
    policy=(Path(__file__).parent / "policy.json").read_text(encoding="utf-8"),
    fills={"SUBSCRIPTION": "subscription_id"},
    unfilled="Replace any remaining SUBSCRIPTION with your subscription ID.",
)
