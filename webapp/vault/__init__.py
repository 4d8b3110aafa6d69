"""The sealed box of cloud secrets: `seal` with the public key everywhere, `open` in the workers only."""
