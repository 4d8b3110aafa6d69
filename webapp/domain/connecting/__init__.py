"""How a person connects to a desktop: one module per cloud, and a table of them.

Pure: built from the row and the credential, and only from values with the right format.
"""

from webapp.domain.connecting import aws, azure
from webapp.domain.connecting.parts import ConnectionProvider

CONNECTION_PROVIDERS: dict[str, ConnectionProvider] = {
    "aws": aws.CONNECTION_PROVIDER,
    "azure": azure.CONNECTION_PROVIDER,
}
