"""The one registry of clouds. A new cloud is a folder beside this file, and a line here.

`webapp/clouds/registry.py` has the drivers, which need SDKs, under the same keys.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from webapp.providers import aws_workspaces, azure_avd
from webapp.providers.base import Provider


class ProviderRegistry:
    """Providers by key, in the order in which people choose. Raises ValueError for a key that is taken."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self._by_key: dict[str, Provider] = {}
        for provider in providers:
            self._add(provider)

    def get(self, key: str) -> Provider:
        """Raises KeyError for a cloud that is not here."""
        return self._by_key[key]

    def find(self, key: str) -> Provider | None:
        return self._by_key.get(key)

    def list(self) -> tuple[Provider, ...]:
        return tuple(self._by_key.values())

    @contextmanager
    def registered(self, provider: Provider) -> Iterator[Provider]:
        """One more until the block ends: for a test that brings a cloud of its own.

        The API's schemas are made when `webapp.api` is imported, so the block must begin before that.
        """
        self._add(provider)
        try:
            yield provider
        finally:
            del self._by_key[provider.key]

    def _add(self, provider: Provider) -> None:
        if provider.key in self._by_key:
            raise ValueError(f"{provider.key} is registered already")
        self._by_key[provider.key] = provider


PROVIDERS = ProviderRegistry((aws_workspaces.PROVIDER, azure_avd.PROVIDER))

get_provider = PROVIDERS.get
find_provider = PROVIDERS.find
list_providers = PROVIDERS.list
