"""`python -m bench.notifier`: from a due row to the worker's call in the cloud.

Three cases: the notification arrives; it is lost, so that the sweep has to find the row; Redis is emptied
right after it is sent. The sandbox's ledger says when the call arrived.
"""

import time

import redis

from bench.installation import Browser, Installation, summary
from sandbox import demo
from tests.servers.stack import Stack
from webapp.domain.actor import Actor
from webapp.services.orders import OrderRequest, order_workspace

ROUNDS = 10


def main() -> None:
    with Stack() as stack:
        installation = Installation(stack)
        credential_id = installation.wait_for_bundles()
        sandbox = installation.sandbox()
        browser = Browser(stack)
        browser.sign_in()
        waits: dict[str, list[float]] = {
            "the notification arrives": [],
            "the notification is lost": [],
            "Redis is emptied": [],
        }
        queue = redis.Redis.from_url(_redis_url(stack))
        for number, application_id in enumerate(installation.hire(ROUNDS * len(waits))):
            kind = list(waits)[number % len(waits)]
            username = f"person.{number}"
            time.sleep(1.2)  # let the worker become idle and the rate limit fill up
            started = time.time()
            if kind == "the notification is lost":
                order_request = OrderRequest(
                    application_id, credential_id, "ubuntu", demo.DEMO_UBUNTU_BUNDLE_ID, username
                )
                actor = Actor("bench", user_id=installation.provider.id)
                order_workspace(
                    installation.context,
                    order_request,
                    company_id=installation.provider.company_id or 0,
                    actor=actor,
                )
            else:
                browser.post(
                    "/workspaces/",
                    application_id=application_id,
                    cloud_credential_id=credential_id,
                    bundle_id=demo.DEMO_UBUNTU_BUNDLE_ID,
                    username=username,
                )
                if kind == "Redis is emptied":
                    queue.flushall()
            waits[kind].append((_create_call_at(sandbox, username) - started) * 1000)
        for kind, values in waits.items():
            print(summary(f"order to CreateWorkspaces, {kind}", values))


def _create_call_at(sandbox, username: str) -> float:  # type: ignore[no-untyped-def]
    for _ in range(600):
        for call in reversed(sandbox.ledger(operation="CreateWorkspaces")):
            if username in call["users"]:
                return float(call["real_at"])
        time.sleep(0.05)
    raise RuntimeError("the call never came")


def _redis_url(stack: Stack) -> str:
    for pid in stack.processes():
        with open(f"/proc/{pid}/environ") as environ:
            for line in environ.read().split("\0"):
                if line.startswith("REDIS_URL="):
                    return line.partition("=")[2]
    raise RuntimeError("no process knows the queue")


if __name__ == "__main__":
    main()
