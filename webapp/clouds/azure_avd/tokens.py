"""Entra's tokens, in the memory of a worker (`clouds/token_memory.py`)."""

from webapp.clouds.token_memory import KeptToken, TokenMemory, fingerprint

__all__ = ["KeptToken", "TokenMemory", "fingerprint", "of_worker", "set_aside"]

_of_worker: TokenMemory | None = None


def set_aside() -> None:
    """In the parent process, before it forks. Without it each run signs in by itself."""
    global _of_worker
    _of_worker = _of_worker or TokenMemory()


def of_worker() -> TokenMemory | None:
    return _of_worker
