"""The cloud drivers. Only this package imports cloud SDKs."""
