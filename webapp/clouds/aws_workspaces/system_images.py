"""Images of WorkSpaces' systems (docs/evidence/aws_workspaces.md#images)."""

from typing import Any

from webapp.clouds.aws_workspaces.claims import CLAIM_TAG, read_claim
from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.system_images import SystemImage
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.redaction import brief
from webapp.domain.system_images import MADE_BY_BERTH

MOST_A_PAGE = 25
_DEFINITE = (Trouble.PERMANENT, Trouble.QUOTA, Trouble.ABSENT, Trouble.EXISTS)


class AmazonImages:
    def __init__(self, client: AwsClient, own_tags: dict[str, str]) -> None:
        """`own_tags`: what the company wants on all that is created in its account."""
        self._client = client
        self._own_tags = own_tags

    def list_system_images(self) -> list[SystemImage]:
        found, token = list[SystemImage](), {}
        while True:
            answer = self._client.read(
                "DescribeWorkspaceImages", ImageType="OWNED", MaxResults=MOST_A_PAGE, **token
            )
            found += [_shown(one) for one in answer.get("Images", [])]
            if not answer.get("NextToken"):
                return [one for one in found if one.name.startswith(MADE_BY_BERTH)]
            token = {"NextToken": answer["NextToken"]}

    def find_system_image(self, cloud_id: str) -> SystemImage | None:
        try:
            answer = self._client.read("DescribeWorkspaceImages", ImageIds=[cloud_id])
        except CloudError as error:
            if error.failure.trouble is Trouble.ABSENT:
                return None
            raise
        return next((_shown(one) for one in answer.get("Images", []) if one.get("ImageId") == cloud_id), None)

    def claim_of_image(self, cloud_id: str) -> str | None:
        try:
            return read_claim(self._client, cloud_id)
        except CloudError as error:
            if error.failure.trouble is Trouble.ABSENT:
                return None
            raise

    def create_system_image(self, cloud_workspace_id: str, *, name: str, claim: str) -> str | Failure:
        tags = {**self._own_tags, CLAIM_TAG: claim}
        try:
            answer = self._client.write(
                "CreateWorkspaceImage",
                Name=name,
                Description=f"System of {cloud_workspace_id} by Berth",
                WorkspaceId=cloud_workspace_id,
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            )
        except CloudError as error:
            if error.failure.trouble is Trouble.EXISTS:
                return ""
            if error.failure.trouble in _DEFINITE:
                return error.failure
            raise
        return str(answer.get("ImageId", ""))

    def end_system_image(self, cloud_id: str, *, claim: str) -> Failure | None:
        found = self.find_system_image(cloud_id)
        if found is None:
            return Failure("image_deleted", Trouble.ABSENT)
        if self.claim_of_image(cloud_id) != claim:
            return Failure("not_ours", Trouble.PERMANENT)
        try:
            self._client.write("DeleteWorkspaceImage", ImageId=cloud_id)
        except CloudError as error:
            if error.failure.trouble in _DEFINITE:
                return error.failure
            raise
        return None


def _shown(found: dict[str, Any]) -> SystemImage:
    state = found.get("State")
    reasons = [found.get("ErrorCode", ""), found.get("ErrorMessage", "")]
    return SystemImage(
        cloud_id=found.get("ImageId", ""),
        name=found.get("Name", ""),
        created_at=found.get("Created"),
        is_ready=state == "AVAILABLE",
        has_failed=state == "ERROR",
        detail=brief(": ".join(one for one in reasons if one)),
    )
