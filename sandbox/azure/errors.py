"""What a call can be refused with, in the forms that Entra, Resource Manager and Virtual Desktop use."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class ArmError(Exception):
    """A refusal by Resource Manager or by the provider behind it."""

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
        """As it is written into an answer."""
        return {"error": self.shape()}

    def shape(self) -> Json:
        shown: Json = {"code": self.code, "message": self.message}
        return shown | {"details": self.details} if self.details else shown


class EntraError(Exception):
    """A refusal of the sign-in: the number is what people look for."""

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
    """Virtual Desktop puts the status into the code and the reason behind an activity's id."""
    return ArmError(str(status), f"ActivityId: {activity} Error: {text}", status=status)
