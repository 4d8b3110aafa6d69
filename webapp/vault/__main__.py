"""`python -m webapp.vault keygen`: a new key pair as two lines for the environment."""

import sys

from webapp.vault.keys import generate_pair


def main(arguments: list[str]) -> int:
    if arguments != ["keygen"]:
        print("usage: python -m webapp.vault keygen", file=sys.stderr)
        return 2
    public, private = generate_pair()
    print(f"CREDENTIAL_PUBLIC_KEY={public}")
    print(f"CREDENTIAL_PRIVATE_KEYS={private}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
