"""What a company prepares at Amazon before Berth can work there.

`policy.json` is the JSON of docs/aws.md; a test keeps them the same.
"""

from pathlib import Path

from webapp.providers.parts.setup_guide import SetupGuide, Step

SETUP_GUIDE = SetupGuide(
    steps=(
        Step(
            "A directory registered for WorkSpaces",
            "It holds people’s user accounts. Registering it creates the registration code they enter.",
            "WorkSpaces → Directories → your directory → Actions → Register",
        ),
        Step(
            "Each person as a user in the directory",
            "AWS creates no desktop for a user who is not in the directory. In an AWS Managed Microsoft AD an"
            " order can create the user; otherwise the order waits for it.",
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
    policy_help="The last two statements are optional: the first of them lets Berth create users and set"
    " first passwords, the second shows how much quota is left.",
    policy=(Path(__file__).parent / "policy.json").read_text(encoding="utf-8"),
    fills={"REGION": "region", "DIRECTORY": "directory_id", "ACCOUNT": "account_id"},
    last_steps={
        "role": (
            Step(
                "A role with that policy that trusts Berth",
                "Choose its name and save this form first: then Berth shows the trust policy with an external"
                " ID of your own. Create the role, and test the cloud account.",
                "IAM → Roles → Create role → Custom trust policy",
            ),
        )
    },
    trust=(Path(__file__).parent / "trust.json").read_text(encoding="utf-8"),
    trust_help="Only Berth may assume the role, and only with this external ID. Berth has drawn it for this"
    " cloud account alone; keep it as it is. It is no secret: without Berth’s own identity it opens nothing.",
    unfilled="Replace any remaining REGION, DIRECTORY and ACCOUNT; ACCOUNT is the number at the"
    " top right of the AWS console.",
)
