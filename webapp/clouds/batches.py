"""What a driver makes or acts on in one call, and the result by machine (`webapp/clouds/base.py`)."""

from dataclasses import dataclass, field

from webapp.domain.errors import CloudError, Failure
from webapp.domain.observation import Observation


@dataclass(frozen=True, slots=True)
class Order:
    """One machine to create."""

    claim: str
    """Our claim, written to the machine in the same call: installation / row / generation."""
    username: str
    bundle_id: str
    running_mode: str
    password_seed: str | None = field(default=None, repr=False)
    """Random, and the same whenever this order is sent: for a cloud whose machines need a local password."""
    labels: dict[str, str] = field(default_factory=dict)
    """Further tags for people who look at the cloud's console."""


@dataclass(frozen=True, slots=True)
class Created:
    """The result of a batch of orders. An order in none of the parts has an unknown outcome."""

    accepted: dict[str, Observation]
    """By claim."""
    refused: dict[str, Failure]
    """By claim; definite: this call made nothing for them."""
    unsent: set[str] = field(default_factory=set)
    """Claims of orders that were not sent, because an earlier one hit an error that affects all."""
    retry_after_s: float | None = None
    """How long the cloud asks to wait before sending the rest."""
    stopped_by: CloudError | None = None
    """The error that ended the batch, if it affects the whole account."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The result of an action on a batch, by id, like `Created`. A machine in no part accepts it."""

    refused: dict[str, Failure]
    """With trouble UNKNOWN, it may still have accepted it."""
    unsent: set[str] = field(default_factory=set)
    retry_after_s: float | None = None
    stopped_by: CloudError | None = None
