"""Our claim, in the tags of what Berth had Amazon create."""

from webapp.clouds.aws_workspaces.client import AwsClient

CLAIM_TAG = "berth-claim"


def read_claim(client: AwsClient, resource_id: str) -> str | None:
    """Of a desktop or an image; None if it has none. Raises CloudError, ABSENT if it is not there."""
    answer = client.read("DescribeTags", ResourceId=resource_id)
    tags = {tag["Key"]: tag.get("Value", "") for tag in answer.get("TagList", [])}
    return tags.get(CLAIM_TAG)
