"""How a person connects to a desktop: the grammar of each cloud in a module of its own, and their table.

Pure: made of what the row and the credential say, and only of parts that have the right shape.
"""

from webapp.domain.connecting import aws, azure
from webapp.domain.connecting.parts import ConnectionProvider

CONNECTION_PROVIDERS: dict[str, ConnectionProvider] = {
    "aws": aws.CONNECTION_PROVIDER,
    "azure": azure.CONNECTION_PROVIDER,
}
