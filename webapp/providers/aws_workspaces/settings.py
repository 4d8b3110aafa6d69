"""What an installation can set about Amazon WorkSpaces."""

from webapp.providers.parts.settings import CloudSettingNames

SETTINGS = CloudSettingNames(
    endpoint_url="AWS_ENDPOINT_URL",
    has_endpoint_per_service=True,  # boto3 honours every AWS_ENDPOINT_URL_<SERVICE>
    https_reason=None,
    ca_file=None,
    provision_timeout_s="PROVISION_TIMEOUT_S",
    default_provision_timeout_s=1800,
)
