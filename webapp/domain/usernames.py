"""When two user names are the same. Which names a cloud accepts is in its `Provider`."""


def username_key(username: str) -> str:
    """The form in which two names are the same name: directories ignore case."""
    return username.strip().lower()
