"""Which IP addresses are on the public internet: a company's URL must not lead into our own network.

Not loopback, private, link-local (where clouds give keys to anyone who asks), shared,
reserved or multicast; nor an IPv6 address that stands for such an IPv4 address.
"""

import ipaddress
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

NOT_OUTSIDE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b::/32",
        "2001::/23",
        "3fff::/20",
        "fec0::/10",
    )
)
"""What `is_global` lets through in some versions of Python; and the first, which looks public and is Azure's
own helper beside every machine."""
_NEVER_PUBLIC = ("localhost", "localdomain", "local", "internal")
"""Names that end so belong to a machine or a local network; so does a name without a dot."""


def is_public(text: str) -> bool:
    """False also for what is not an address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.is_multicast or address.is_reserved or any(address in one for one in NOT_OUTSIDE):
        return False
    return address.is_global and not _stands_for_another(address)


def _stands_for_another(address: IPv4Address | IPv6Address) -> bool:
    """Mapped, 6to4 and Teredo; those of NAT64 are reserved already."""
    if isinstance(address, IPv4Address):
        return False
    return any(one is not None for one in (address.ipv4_mapped, address.sixtofour, address.teredo))


def split_url(url: str, *, most: int) -> SplitResult | None:
    """The parts of a server's URL of at most so many characters; None for anything else."""
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > most:
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def is_inside(host: str) -> bool:
    """An IP address or a name that cannot be on the public internet; a name is not resolved here."""
    looks_like_address = ":" in host or host.replace(".", "").isdigit()
    if looks_like_address:
        return not is_public(host)
    labels = host.rstrip(".").split(".")
    return len(labels) == 1 or labels[-1] in _NEVER_PUBLIC
