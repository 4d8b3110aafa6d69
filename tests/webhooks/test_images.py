"""An image that somebody asked for and that was not created is a backup that failed."""

import json

from tests.desk import Desk
from tests.system_images import CREATE, ask
from tests.webhooks.receiver import Receiver


def test_an_image_that_was_not_created_is_sent_with_the_reason(
    desk: Desk, add_endpoint, receiver: Receiver
) -> None:
    workspace_id = desk.available()
    post = add_endpoint("backup.failed")
    desk.sandbox.add_fault("error", operation=CREATE, times=1, code="OperationNotSupportedException")

    ask(desk, workspace_id)
    desk.work()
    post.work()

    [body] = [json.loads(one.body) for one in receiver.got]
    assert (body["type"], body["data"]["workspace_id"]) == ("backup.failed", workspace_id)
    assert body["data"]["message"].startswith("No image of its system was created.")
