"""What is refused half-way leaves nothing written."""

from collections.abc import Iterator
from contextlib import contextmanager

from webapp.domain.errors import AppError
from webapp.services.context import ServiceContext


@contextmanager
def all_or_nothing(context: ServiceContext) -> Iterator[None]:
    """Inside, a refusal undoes what was written before it and not committed."""
    try:
        yield
    except AppError:
        context.session.rollback()
        raise
