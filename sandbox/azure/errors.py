"""The errors of a call, in the formats of Entra, Resource Manager and Virtual Desktop."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class ArmError(Exception):
    """An error from Resource Manager or from the provider behind it."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        details: list[Json] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = details or []
        self.headers = headers or {}

    def body(self) -> Json:
        """The error as a response body contains it."""
        return {"error": self.shape()}

    def shape(self) -> Json:
        shown: Json = {"code": self.code, "message": self.message}
        return shown | {"details": self.details} if self.details else shown


class QueryError(ArmError):
    """An error of Cost Management; never one of a deployment."""


class GraphError(ArmError):
    """An error of Microsoft Graph. `details` has the codes that say more than a bare refusal."""

    def body(self) -> Json:
        inner = {"date": "2026-11-29T12:00:00", "request-id": "", "client-request-id": ""}
        shown: Json = {"code": self.code, "message": self.message, "innerError": inner}
        return {"error": shown | {"details": self.details} if self.details else shown}


class EntraError(Exception):
    """A sign-in error. People search for its number."""

    def __init__(self, error: str, number: int, message: str, *, status: int) -> None:
        super().__init__(message)
        self.error = error
        self.number = number
        self.message = message
        self.status = status

    @property
    def code(self) -> str:
        return f"AADSTS{self.number}"


def not_found(what: str, resource_group: str) -> ArmError:
    return ArmError(
        "ResourceNotFound",
        f"The Resource '{what}' under resource group '{resource_group}' was not found.",
        status=404,
    )


def desktop_error(status: int, text: str, *, activity: str) -> ArmError:
    """Virtual Desktop puts the status into the code, and the reason after an activity id."""
    return ArmError(str(status), f"ActivityId: {activity} Error: {text}", status=status)
