"""Encryption of cloud secrets: `seal` with the public key anywhere, `open` in the workers only."""
