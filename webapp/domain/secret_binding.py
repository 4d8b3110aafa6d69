"""What a sealed secret is bound to: copied into another row or column, it does not open."""


def secret_binding(uid: str, field: str) -> str:
    """For a credential's secret: its row and its column."""
    return f"cloud_credentials/{uid}/{field}"
