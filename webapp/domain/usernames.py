"""When two user names are the same. Which names a cloud accepts is in its `Provider`."""

from collections.abc import Collection
from itertools import count


def numbered(name: str, taken: Collection[str], *, longest: int) -> str:
    """The name, or the first of name2, name3 … that is not among the keys `taken`; cut to `longest`."""
    for number in count(1):
        end = "" if number == 1 else str(number)
        made = name[: longest - len(end)].rstrip("._-") + end if end else name
        if username_key(made) not in taken:
            return made
    raise AssertionError("numbers do not end")


def username_key(username: str) -> str:
    """The form in which two names are the same name: directories ignore case."""
    return username.strip().lower()
