"""`python -m bench.clicks`: from pressing "Create" to the page that shows the row, 200 times.

The workers create the ordered desktops meanwhile, as in production. Beside it, in the same run, the same
number of plain page loads: what the machine and the server cost without an order.
"""

import sys

from bench.installation import Browser, Installation, summary, timed_ms
from sandbox import demo
from tests.servers.stack import Stack


def main(clicks: int = 200) -> None:
    with Stack() as stack:
        installation = Installation(stack)
        credential_id = installation.wait_for_bundles()
        application_ids = installation.hire(clicks)
        browser = Browser(stack)
        browser.sign_in()
        pages = [timed_ms(lambda: browser.get("/workspaces/")) for _ in range(20)]
        both, shown = [], 0
        for number, application_id in enumerate(application_ids):
            page = ""

            def click(application_id: int = application_id, number: int = number) -> None:
                nonlocal page
                page = browser.post(
                    "/workspaces/",
                    application_id=application_id,
                    cloud_credential_id=credential_id,
                    bundle_id=demo.DEMO_UBUNTU_BUNDLE_ID,
                    username=f"person.{number}",
                )

            both.append(timed_ms(click))
            shown += f"person.{number}" in page
        print(summary("click to the row shown (order, redirect, page)", both))
        print(summary("one page of the empty list, for comparison", pages))
        print(f"rows shown: {shown} of {clicks}")
        calls = installation.sandbox().ledger(operation="CreateWorkspaces")
        print(f"CreateWorkspaces calls meanwhile: {sum(1 for call in calls if call['accepted'])}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
