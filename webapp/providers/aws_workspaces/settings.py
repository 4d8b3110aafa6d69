"""What an installation can set about Amazon WorkSpaces."""

from webapp.providers.parts.settings import CloudSettingNames, OwnIdentityNames

SETTINGS = CloudSettingNames(
    endpoint_url="AWS_ENDPOINT_URL",
    has_endpoint_per_service=True,  # boto3 honours every AWS_ENDPOINT_URL_<SERVICE>
    https_reason=None,
    ca_file=None,
    provision_timeout_s="PROVISION_TIMEOUT_S",
    default_provision_timeout_s=1800,
    own_identity=OwnIdentityNames(
        source="AWS_IDENTITY",
        key_id="AWS_IDENTITY_KEY_ID",
        key_value="AWS_IDENTITY_SECRET",
        principal="AWS_PRINCIPAL_ARN",
        principal_shape=r"arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]{1,512}",
    ),
)
