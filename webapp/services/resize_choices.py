"""To what a desktop can be changed now, what that does, and what it costs: for the page and every check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.access import Access
from webapp.domain.costs.rates import Rates
from webapp.domain.costs.sizes import MachineSize, find_size
from webapp.domain.decisions.resizes import RESIZABLE
from webapp.domain.errors import AppError, Conflict, Invalid
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.resize_rules import ResizeRules
from webapp.domain.resizes import LABELS, VOLUMES, Resize, ResizeKind, value_of, volumes_of
from webapp.models import UsageSpan, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import costs as queries
from webapp.services.context import ServiceContext
from webapp.services.prices import rates_after

LONGEST_PAUSE = timedelta(days=31)
LONGEST_NUMBER = 6
"""Digits of minutes or GiB."""


@dataclass(frozen=True, slots=True)
class Choice:
    resize: Resize
    label: str
    rates: Rates | None
    """By list prices; None if not known."""
    refusal: str | None
    """Why not now; None if it is possible."""


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    kind: ResizeKind
    present: str
    effect: str
    choices: tuple[Choice, ...]


def refusal(context: ServiceContext, row: Workspace) -> str | None:
    """Why nothing of it can be changed now, as a sentence; None if something can."""
    if row.phase is Phase.GONE:
        return "This desktop has been terminated."
    if row.desired is Desired.ABSENT:
        return "This desktop is being terminated."
    if get_provider(row.cloud_provider).desktops.resizes is None:
        return "This cloud cannot change a desktop that exists."
    access = row.access(context.clock.now())
    if access is Access.SUSPENDED:
        return "Access to this desktop is suspended."
    if access is Access.NOT_YET:
        return "The contract has not begun; the desktop stays as it is until then."
    if row.resize_kind is not None:
        return f"Its {LABELS[row.resize_kind]} is being changed; wait until that is done."
    if not row.is_idle:
        return "Another action is in progress; wait until that is done."
    if row.credential.is_deleted:
        return "The cloud account of this desktop was deleted from Berth."
    if row.phase is not Phase.READY or row.cloud_state not in RESIZABLE:
        return "Only a running or a stopped desktop can be changed."
    return None


def check(context: ServiceContext, row: Workspace, wanted: Resize) -> None:
    """Raises Conflict (`action_not_allowed`, `changed_too_soon`) or Invalid (`value_not_possible`)."""
    if (reason := refusal(context, row)) is not None:
        raise Conflict(reason, code="action_not_allowed")
    error = _Rules(context, row).error_of(wanted)
    if error is not None:
        raise error


def choices_of(context: ServiceContext, row: Workspace) -> list[ChoiceGroup]:
    """Of one whose credential is loaded. At most three queries."""
    rules = _Rules(context, row)
    offered = rules.offered()
    rates = iter(rates_after(context, row, [one for _, group in offered for one in group]))
    return [
        ChoiceGroup(
            kind,
            rules.label_of(Resize(kind, value_of(kind, row.sizes) or "")),
            rules.of.effects[kind],
            tuple(Choice(one, rules.label_of(one), next(rates), _said(rules.error_of(one))) for one in group),
        )
        for kind, group in offered
    ]


def label_of(row: Workspace, resize: Resize) -> str:
    """The value as people read it."""
    provider = get_provider(row.cloud_provider)
    match resize.kind:
        case ResizeKind.RUNNING_MODE:
            return provider.copy.billing.get(resize.value, resize.value)
        case ResizeKind.AUTO_STOP:
            hours = int(resize.value or 0) // 60
            return "after 1 hour" if hours == 1 else f"after {hours} hours"
        case ResizeKind.SIZE:
            size = find_size(provider.billing.sizes, resize.value)
            return resize.value if size is None else _of_size(size)
        case ResizeKind.ROOT_VOLUME | ResizeKind.USER_VOLUME:
            return f"{resize.value} GiB"


def _of_size(size: MachineSize) -> str:
    return f"{size.label}: {size.vcpus} vCPU, {size.memory_gib} GiB"


def _is_number(text: str) -> bool:
    """A page may send anything: also what is a digit to Unicode, or longer than any number."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


def _said(error: AppError | None) -> str | None:
    return None if error is None else error.message


class _Rules:
    """Those of a desktop's cloud, asked of what it is and was."""

    def __init__(self, context: ServiceContext, row: Workspace) -> None:
        provider = get_provider(row.cloud_provider)
        self.row, self.now = row, context.clock.now()
        self.of = provider.desktops.resizes or ResizeRules(effects={})
        self._sizes = provider.billing.sizes
        self._past = _Past(queries.list_spans(context.session, row, since=self.now - LONGEST_PAUSE), row)

    def label_of(self, resize: Resize) -> str:
        return label_of(self.row, resize) if resize.value else "not known yet"

    def offered(self) -> list[tuple[ResizeKind, list[Resize]]]:
        """All but what it has; nothing where the cloud has not said what that is."""
        values = {
            ResizeKind.RUNNING_MODE: self.of.running_modes,
            ResizeKind.AUTO_STOP: [str(one) for one in self.of.auto_stop_minutes],
            ResizeKind.SIZE: [one.code for one in self._sizes] if self._size(self.row.compute_type) else [],
            **{kind: [str(one) for one in steps] for kind, steps in self.of.volume_steps.items()},
        }
        found, sizes = [], self.row.sizes
        for kind in self.of.effects:
            group = [one for value in values.get(kind, ()) if not (one := Resize(kind, value)).is_so(sizes)]
            if value_of(kind, sizes) is not None and (shown := [one for one in group if self._is_shown(one)]):
                found.append((kind, shown))
        return found

    def _is_shown(self, resize: Resize) -> bool:
        """A smaller volume is not even offered, nor minutes where it never stops by itself."""
        if resize.kind is ResizeKind.AUTO_STOP:
            return self.row.running_mode == self.of.auto_stop_mode
        pair = volumes_of(self.row.volumes)
        if resize.kind not in VOLUMES or pair is None:
            return True
        return int(resize.value) > pair[VOLUMES.index(resize.kind)]

    def error_of(self, wanted: Resize) -> AppError | None:
        """Why it may not be asked for; None if it may."""
        reason = self._never(wanted)
        if reason is not None:
            return Invalid(reason, code="value_not_possible", field=wanted.kind.value)
        possible_at = self._possible_at(wanted)
        if possible_at is not None and possible_at > self.now:
            return Conflict(
                f"Created or changed too recently. It is possible from {possible_at:%-d %B, %H:%M} UTC on.",
                code="changed_too_soon",
            )
        return None

    def _never(self, wanted: Resize) -> str | None:
        kind, value, of = wanted.kind, wanted.value, self.of
        if kind not in of.effects:
            return f"This cloud cannot change the {LABELS[kind]} of a desktop."
        if kind is ResizeKind.RUNNING_MODE:
            return None if value in of.running_modes else f"Choose {' or '.join(of.running_modes)}."
        if kind is ResizeKind.AUTO_STOP:
            return self._no_auto_stop(value)
        if kind is ResizeKind.SIZE:
            return self._no_size(value)
        pair = volumes_of(self.row.volumes)
        if pair is None:
            return "The cloud has not said which volumes it has."
        return of.volume_refusal(kind, pair, int(value)) if _is_number(value) else "Send whole GiB."

    def _no_auto_stop(self, value: str) -> str | None:
        if self.row.running_mode != self.of.auto_stop_mode:
            return "An always-on desktop never stops by itself; change its running mode first."
        is_hours = _is_number(value) and int(value) > 0 and int(value) % 60 == 0
        return None if is_hours else "It stops after whole hours: send a multiple of 60 minutes."

    def _no_size(self, value: str) -> str | None:
        if self._size(self.row.compute_type) is None:
            return "A desktop of this kind, such as one with graphics, keeps its size."
        return None if self._size(value) else "There is no such size."

    def _possible_at(self, wanted: Resize) -> datetime | None:
        """From when on, as far as that is known."""
        if wanted.kind is ResizeKind.SIZE:
            present, size = self._size(self.row.compute_type), self._size(wanted.value)
            if present is not None and size is not None and size.is_smaller_than(present):
                return _after(self._past.sized_at, self.of.shrinks_every)
        elif wanted.kind not in VOLUMES:
            return None
        return _after(self._past.grown_at, self.of.grows_every)

    def _size(self, code: str | None) -> MachineSize | None:
        return find_size(self._sizes, code)


class _Past:
    """When it changed, as far as our log of its use knows."""

    def __init__(self, spans: Sequence[UsageSpan], row: Workspace) -> None:
        mine = [one for one in spans if one.generation == row.generation and one.compute_type is not None]
        pairs = list(zip(mine, mine[1:], strict=False))
        sized = [new.began_at for old, new in pairs if old.compute_type != new.compute_type]
        filled = [new.began_at for old, new in pairs if old.volumes and old.volumes != new.volumes]
        self.sized_at: datetime | None = max(sized, default=None)
        launched = [] if row.available_at is None else [row.available_at]
        self.grown_at: datetime | None = max([*launched, *sized, *filled], default=None)


def _after(at: datetime | None, pause: timedelta | None) -> datetime | None:
    return None if at is None or pause is None else at + pause
