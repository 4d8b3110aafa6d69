"""What an installation can set about Azure Virtual Desktop."""

from webapp.providers.parts.settings import CloudSettingNames

SETTINGS = CloudSettingNames(
    endpoint_url="AZURE_ENDPOINT_URL",  # sign-in, ARM and Graph alike
    directory_endpoint_url="AZURE_GRAPH_ENDPOINT_URL",  # Graph, if it is elsewhere
    has_endpoint_per_service=False,
    https_reason="because Azure's SDKs demand it",
    ca_file="AZURE_CA_FILE",
    provision_timeout_s="PROVISION_TIMEOUT_AZURE_S",
    # The agent of a new session host updates itself first (docs/evidence/azure_avd.md#agent-update).
    default_provision_timeout_s=5400,
)
