"""`python -m webapp.vault keygen`: new key pairs as lines for the environment; or one pair, by its name."""

import sys

from webapp.vault.keys import generate_pair

PAIRS = ("credential", "webhook")
"""Of cloud secrets, and of the signing keys of webhooks."""


def main(arguments: list[str]) -> int:
    if arguments[:1] != ["keygen"] or len(arguments) > 2 or not set(arguments[1:]) <= set(PAIRS):
        print(f"usage: python -m webapp.vault keygen [{'|'.join(PAIRS)}]", file=sys.stderr)
        return 2
    for name in arguments[1:] or PAIRS:
        public, private = generate_pair()
        print(f"{name.upper()}_PUBLIC_KEY={public}")
        print(f"{name.upper()}_PRIVATE_KEYS={private}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
