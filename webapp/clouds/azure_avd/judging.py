"""The state of a desktop from its parts; first match wins: docs/evidence/azure_avd.md#decision-table.

Pure: Azure's dates are compared only with Azure's own clock. Rows 1, 2 and 4 of the table depend on
what was requested, so the engine handles them. Whether a host can be connected to, its status alone
says: a healthy host may not have sent a heartbeat for days (docs/evidence/azure_avd.md#heartbeat-age).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.clouds.azure_avd.parts import DeploymentPart, HostPart, MachinePart, Parts
from webapp.clouds.azure_avd.tables import CONNECTABLE, JOIN_CHECKS, NOT_JOINED, UNCONNECTABLE
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.providers.azure_avd.usernames import is_same_person

START_GRACE = timedelta(minutes=10)
"""How long a usable host may take to become usable again."""
FIRST_GRACE = timedelta(minutes=60)
"""How long after its deployment a new host may update its agent."""
JOIN_GRACE = timedelta(minutes=15)
REGISTRATION_LASTS = timedelta(days=90)
"""A host that is off for longer has lost its registration (docs/evidence/azure_avd.md#ninety-days-off)."""

_State = CloudState
_POWERS = {
    "hibernating": (_State.STOPPING, "Hibernating"),
    "deallocating": (_State.STOPPING, "Stopping"),
    "stopping": (_State.STOPPING, "Stopping"),
    "deallocated": (_State.STOPPED, "Deallocated"),
    "stopped": (_State.STOPPED, "Stopped"),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    state: CloudState
    word: str
    failure: Failure | None = None
    follow_ups: tuple[FollowUp, ...] = ()


def observation_of(parts: Parts, ref: MachineRef, now: datetime) -> Observation:
    """The machine as the engine sees it."""
    judged, host, machine = judge(parts, ref, now), parts.host, parts.machine
    has_failed = machine is not None and machine.provisioning.lower() == "failed"
    return Observation(
        cloud_workspace_id=parts.name,
        username=parts.username,
        state=judged.state,
        word=judged.word[:40],
        failure=judged.failure,
        computer_name=host.host if host else None,
        # After a failed change of its size nobody says which of the two this is.
        compute_type=machine.size if machine and not has_failed else None,
        operating_system="Windows" if machine else None,
        follow_ups=judged.follow_ups,
        was_in_use=is_in_use(parts),
        heartbeat_at=host.heartbeat_at if host else None,
        is_busy=machine is not None and machine.provisioning.lower() == "updating",
        resize_failure=machine.failure if machine and has_failed else None,
    )


def judge(parts: Parts, ref: MachineRef, now: datetime) -> Judgement:
    deployment, machine = parts.deployment, parts.machine
    if parts.is_elsewhere:
        failure = Failure("machine_elsewhere", Trouble.PERMANENT)
        return Judgement(_State.ERROR, "InAnotherResourceGroup", failure)
    if machine is not None and machine.provisioning.lower() == "deleting":
        return Judgement(_State.TERMINATING, "Deleting")
    if deployment is not None and deployment.is_in_flight:
        return Judgement(_State.PENDING, "Deploying")  # row 3
    if deployment is not None and deployment.failure is not None:
        return Judgement(_State.ERROR, deployment.state, deployment.failure)  # row 5
    if machine is None:
        return Judgement(
            _State.ERROR, "MachineMissing", Failure("machine_missing", Trouble.PERMANENT)
        )  # row 6
    if machine.power in _POWERS:
        return _switched_off(parts, machine, ref)  # rows 7 to 9
    if machine.power in ("starting", "creating"):
        return Judgement(_coming(ref), "Starting")  # row 10
    if machine.power != "running":
        return Judgement(_State.UNKNOWN, "")  # row 18
    return _running(parts, machine, ref, now)


def is_in_use(parts: Parts) -> bool:
    """It was assigned to its person. Without a host its deployment record tells, which stays until then.

    A suspended one has no person any more, whatever our record says; but a new one takes sessions.
    """
    if parts.host is not None:
        return bool(parts.host.assigned_user) or not parts.host.takes_sessions
    return parts.deployment is None


def _switched_off(parts: Parts, machine: MachinePart, ref: MachineRef) -> Judgement:
    """Stopped is not deallocated: it is still billed (row 9). A machine that was never ready must run."""
    state, word = _POWERS[machine.power or ""]
    if not ref.was_usable and not is_in_use(parts):
        follow_ups = (FollowUp.SWITCH_ON,) if state is _State.STOPPED else ()
        return Judgement(_State.PENDING, word, machine.failure, follow_ups)
    if machine.is_hibernated:
        # To deallocate it would lose what it keeps, whatever its power state is called.
        return Judgement(state, "Hibernated", machine.failure)
    follow_ups = (FollowUp.SWITCH_OFF,) if machine.power == "stopped" else ()
    return Judgement(state, word, machine.failure, follow_ups)


def _coming(ref: MachineRef) -> CloudState:
    return _State.STARTING if ref.was_usable else _State.PENDING


def _running(parts: Parts, machine: MachinePart, ref: MachineRef, now: datetime) -> Judgement:
    host = parts.host
    if host is None:
        return _unregistered(parts, ref, now)
    if host.status in CONNECTABLE:
        return _usable(parts, machine, host, ref)
    if host.status not in UNCONNECTABLE:
        return Judgement(_State.UNKNOWN, "")  # row 18: no state, or one of tomorrow
    return _unusable(parts, machine, host, ref, now)


def _usable(parts: Parts, machine: MachinePart, host: HostPart, ref: MachineRef) -> Judgement:
    """Rows 12 and 17; only after it is assigned: docs/evidence/azure_avd.md#personal-assignment."""
    wanted, has = ref.username, host.assigned_user
    if ref.is_suspended and not has:
        return Judgement(_State.AVAILABLE, "Suspended")
    if wanted and not has:
        return Judgement(_coming(ref), "Unassigned", follow_ups=(FollowUp.ASSIGN,))
    if wanted and not is_same_person(has, wanted):
        failure = Failure("assigned_to_other", Trouble.PERMANENT)
        state = _State.UNHEALTHY if ref.was_usable else _State.PENDING
        return Judgement(state, "AssignedToOther", failure)
    is_warned = machine.provisioning.lower() == "failed"
    word = "ProvisioningFailed" if is_warned else host.status
    return Judgement(_State.AVAILABLE, word, follow_ups=(FollowUp.TIDY,) if parts.deployment else ())


def _unusable(
    parts: Parts, machine: MachinePart, host: HostPart, ref: MachineRef, now: datetime
) -> Judgement:
    """It runs, but nobody can connect: rows 11, 13, 14 and 16."""
    lasts, word = _lasts(parts, host, ref, now), host.status
    if _is_unjoined(host) and lasts > JOIN_GRACE:
        # A machine of the next generation has another name, and the name is the usual cause.
        return Judgement(_State.ERROR, word, Failure("join_failed", Trouble.TRANSIENT, word, retries=1))
    if lasts <= (START_GRACE if ref.was_usable else FIRST_GRACE):
        is_restarting = ref.was_usable and machine.provisioning.lower() == "updating"
        return Judgement(_State.RESTARTING if is_restarting else _coming(ref), word)
    detail = f"Failed checks: {', '.join(host.failed_checks)}." if host.failed_checks else ""
    if host.heartbeat_at and now - host.heartbeat_at > REGISTRATION_LASTS:
        failure = Failure("registration_expired", Trouble.PERMANENT, "EXPIRED_MACHINE_TOKEN", detail)
        return Judgement(_State.ERROR, word, failure)
    return Judgement(_State.ERROR, word, Failure("host_unreachable", Trouble.PERMANENT, word, detail))


def _is_unjoined(host: HostPart) -> bool:
    """A machine in Entra alone fails the check for a domain, and the reverse: one that passes is enough."""
    has_joined = not JOIN_CHECKS.isdisjoint(host.passed_checks)
    return host.status in NOT_JOINED or not (has_joined or JOIN_CHECKS.isdisjoint(host.failed_checks))


def _lasts(parts: Parts, host: HostPart, ref: MachineRef, now: datetime) -> timedelta:
    """How long it should have been usable but was not."""
    if ref.was_usable and ref.state in (_State.STOPPED, _State.STOPPING):
        return timedelta(0)  # it is just starting: its host still reports the state from before
    if ref.was_usable and ref.state in (_State.STARTING, _State.RESTARTING):
        return timedelta(seconds=ref.state_s)
    if not ref.was_usable and parts.deployment is None and ref.state is not None:
        # It waited in a warm pool, or was adopted: Azure's dates are older, our record knows since when.
        return timedelta(seconds=ref.state_s)
    if not ref.was_usable and parts.deployment is not None:
        since = _made_at(parts.deployment, parts.machine)
    elif host.status_at is None and ref.state is _State.ERROR:
        return timedelta.max  # Azure does not date it; the time to come back was over before
    else:
        since = host.status_at
    return now - since if since else timedelta(0)


def _unregistered(parts: Parts, ref: MachineRef, now: datetime) -> Judgement:
    """The machine runs, but is not registered with the pool: rows 13 and 15.

    One that our record has seen in use was registered, and somebody removed it; a listing has no record.
    """
    if ref.was_usable and ref.state is not None:
        return Judgement(
            _State.ERROR, "HostRemoved", Failure("host_removed", Trouble.PERMANENT, "HostRemoved")
        )
    since = _made_at(parts.deployment, parts.machine)
    if since is None or now - since <= FIRST_GRACE:
        return Judgement(_coming(ref), "Registering")
    return Judgement(_State.ERROR, "Unregistered", Failure("never_registered", Trouble.PERMANENT))


def _made_at(deployment: DeploymentPart | None, machine: MachinePart | None) -> datetime | None:
    if deployment is not None and deployment.ended_at is not None:
        return deployment.ended_at
    return machine.made_at if machine is not None else None
