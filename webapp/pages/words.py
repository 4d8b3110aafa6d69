"""Words and icons for people: states, actions, times. Pure; the rules are in `domain/`."""

from dataclasses import dataclass

from webapp.domain.lifecycle import Action, Phase, State
from webapp.domain.sentences import say
from webapp.queries.branches import MOST_COUNTED
from webapp.queries.workspace_table import TableRow


@dataclass(frozen=True, slots=True)
class StateWords:
    label: str
    icon: str
    tone: str
    """`good`, `busy`, `quiet`, `warn` or `bad`: the style sheet knows these five."""
    company: str
    """For the provider: what it means."""
    person: str
    """For the seeker: the same without jargon."""


STATES: dict[State, StateWords] = {
    State.PENDING: StateWords(
        say("Setting up"),
        "clock",
        "busy",
        "The cloud is creating this desktop. You don’t need to wait here; it continues by itself.",
        say("Your desktop is being set up. You don’t need to wait here; come back in a few minutes."),
    ),
    State.AVAILABLE: StateWords(
        say("Available"),
        "check",
        "good",
        "The desktop is running and ready to use.",
        say("Your desktop is ready."),
    ),
    State.STARTING: StateWords(
        say("Starting"),
        "clock",
        "busy",
        "The desktop is starting; that usually takes one or two minutes.",
        say("Your desktop is starting; that usually takes one or two minutes."),
    ),
    State.STOPPING: StateWords(
        say("Stopping"),
        "clock",
        "busy",
        "The desktop is stopping. Its files are kept.",
        say("Your desktop is stopping. Your files are kept."),
    ),
    State.STOPPED: StateWords(
        say("Stopped"),
        "pause",
        "quiet",
        "The desktop is switched off and its files are kept. It starts by itself when the person signs in.",
        say("Your desktop is switched off. It starts by itself when you connect."),
    ),
    State.RESTARTING: StateWords(
        say("Restarting"),
        "clock",
        "busy",
        "The desktop is restarting; that usually takes a few minutes.",
        say("Your desktop is restarting; that usually takes a few minutes."),
    ),
    State.UNHEALTHY: StateWords(
        say("Not responding"),
        "alert",
        "warn",
        "The desktop is running but does not respond to the cloud. A restart usually fixes this.",
        say(
            "Your desktop is not responding right now. Try again in a few minutes, or ask the company for"
            " help."
        ),
    ),
    State.MAINTENANCE: StateWords(
        say("In maintenance"),
        "wrench",
        "busy",
        "The cloud is updating this desktop. You don’t need to do anything; it comes back by itself.",
        say("Your desktop is being updated. It comes back by itself."),
    ),
    State.SUSPENDED: StateWords(
        say("Suspended"),
        "pause",
        "warn",
        "The cloud has suspended this desktop. Berth keeps checking until it is released.",
        say("You can’t use your desktop right now. If this lasts over an hour, ask the company for help."),
    ),
    State.ERROR: StateWords(
        say("Needs attention"),
        "cross",
        "bad",
        "Something went wrong. See the cause and the fix below.",
        say("Something went wrong. The company can see it and fix it."),
    ),
    State.TERMINATING: StateWords(
        say("Terminating"),
        "clock",
        "busy",
        "The desktop is being terminated. It counts as terminated only when the cloud no longer has it.",
        say("Your desktop is being removed."),
    ),
    State.TERMINATED: StateWords(
        say("Terminated"),
        "stop",
        "quiet",
        "The desktop and its files are gone. It no longer costs anything.",
        say("This desktop has ended."),
    ),
}


ORDERS: dict[Phase, str] = {
    Phase.REQUESTED: "The order is saved; a worker sends it to the cloud next. You don’t need to wait here.",
    Phase.CREATE_INTENT: "The order is sent but not confirmed by the cloud. You don’t need to wait here.",
}
"""Until the cloud confirms an order, we do not claim that it is creating anything."""
REBUILDS = "The desktop is being rebuilt. This takes up to an hour."
RESTORES = "The desktop is being taken back to a snapshot. This takes up to an hour."
CREATES_IMAGE = "An image of its system is being created, for up to 45 minutes. Nobody can use it meanwhile."
LEAVES_SNAPSHOT = "The desktop is gone. The last snapshot of its disk is kept, and costs a little."
ORDER_PLANNED = (
    "The order is saved. The desktop is created from {} on: it is ready a day before the contract begins."
)
ORDER_HELD = "The order is saved. It waits for what is named below, and then goes on by itself."
ORDER_WAITS = "The order is saved and continues as soon as the cloud account works again."


@dataclass(frozen=True, slots=True)
class ActionWords:
    label: str
    effect: str


ACTIONS: dict[Action, ActionWords] = {
    Action.START: ActionWords("Start", "Switches the desktop on. Billing starts."),
    Action.STOP: ActionWords("Stop", "Switches the desktop off and keeps its files. Open programs close."),
    Action.RESTART: ActionWords("Restart", "Restarts the desktop. Open programs close."),
    Action.REBUILD: ActionWords(
        "Rebuild…",
        "Recreates it; files go back to the cloud’s last snapshot, installed programs are lost. Asks first.",
    ),
    Action.RESTORE: ActionWords(
        "Restore…",
        "Takes system and files back to the cloud’s last snapshot; changes since then are lost. Asks first.",
    ),
    Action.RETRY: ActionWords("Try again", "Checks whether one already exists, then creates it."),
    Action.TERMINATE: ActionWords(
        "Terminate…", "Ends the desktop. Says first what becomes of its files, and asks."
    ),
}
TERMINATE_NOTHING = "Ends this order. No desktop was created, so no files are lost. Asks first."
"""The effect of a termination while the order has failed and nothing exists for it."""


@dataclass(frozen=True, slots=True)
class BulkWords:
    """An action on many desktops at once."""

    verb: str
    """“Stop 8 desktops”."""
    possible: str
    """“8 of 10 can be stopped”."""
    effect: str
    done: str
    """Of each, afterwards."""


BULK: dict[Action, BulkWords] = {
    Action.START: BulkWords(
        "Start", "can be started", "Berth switches them on, and billing starts.", "Start requested"
    ),
    Action.STOP: BulkWords(
        "Stop",
        "can be stopped",
        "Berth switches them off. Files are kept; open programs close.",
        "Stop requested",
    ),
    Action.RESTART: BulkWords(
        "Restart",
        "can be restarted",
        "They restart. Open programs close, and connected people are disconnected for a few minutes.",
        "Restart requested",
    ),
    Action.TERMINATE: BulkWords(
        "Terminate",
        "can be terminated",
        "Berth terminates them and permanently deletes every file on them; only what a kept snapshot has can"
        " be brought back. Connected people are disconnected at once.",
        "Termination requested",
    ),
}

UNDO = BulkWords("Undo", "can be given back", "Their people can connect again.", "Termination undone")
"""Of a termination; no action of the cloud."""
TERMINATE_KEPT = "Berth ends access now and keeps the desktops for {} days. Until then you can undo it."

_NEXT = {
    State.STOPPED: Action.START,
    State.UNHEALTHY: Action.RESTART,
    State.ERROR: Action.RETRY,
    State.AVAILABLE: Action.STOP,
}


_PERSON_IN_TROUBLE = {
    State.PENDING: say(
        "Setup is taking longer than usual. You don’t need to do anything: the company sees why,"
        " and it continues once the problem is fixed."
    ),
}
"""Where the usual text would promise too much; the cause is private to the company."""

_PERSON_REBUILT = say(
    "Your desktop is being repaired. This can take an hour. Your files come back as they were at the last"
    " snapshot of them. Programs you installed are lost."
)

_PERSON_RESTORED = say(
    "Your desktop is being taken back to a snapshot of it. This can take an hour. What you changed since the"
    " snapshot is lost."
)
_PERSON_WAITS = {Action.REBUILD: _PERSON_REBUILT, Action.RESTORE: _PERSON_RESTORED}


_STAYS_OFF = {
    State.STOPPED: say(
        "Your desktop is switched off, and connecting does not start it. Ask the company to start it."
    ),
    State.STOPPING: say("Your desktop is being switched off. Your files are kept."),
}
COMPANY_STAYS_OFF = (
    "The desktop is switched off and its files are kept. Connecting does not start it: start it here when the"
    " person needs it."
)


def person_lead(
    state: State, *, action: Action | None = None, is_in_trouble: bool = False, starts_on_connect: bool = True
) -> str:
    """The text for a seeker: never the reason, because that is about the company's cloud account."""
    if not starts_on_connect and state in _STAYS_OFF:
        return _STAYS_OFF[state]
    if action is not None and action in _PERSON_WAITS and state is State.MAINTENANCE:
        return _PERSON_WAITS[action]
    plain = STATES[state].person
    return _PERSON_IN_TROUBLE.get(state, plain) if is_in_trouble else plain


def state_words(state: State) -> StateWords:
    return STATES[state]


def state_label(name: str) -> str:
    """The label of a state as the log stores it; an unknown one unchanged."""
    return STATES[State(name)].label if name in State.__members__ else name.capitalize()


def kind_of_cost(row: TableRow) -> str:
    """Which of the two figures it is, or why there is none; never shown as 0."""
    if row.is_billed:
        return "billed"
    if row.is_unpriced:
        return "unknown" if row.cost is None else "estimated, incomplete"
    return "not yet" if row.cost is None else "estimated"


def compute_name(compute_type: str) -> str:
    """`POWERPRO` as “PowerPro”, `GRAPHICS_G4DN` as “Graphics g4dn”."""
    first, _, rest = compute_type.partition("_")
    name = first.capitalize().replace("pro", "Pro")
    return f"{name} {rest.lower()}" if rest else name


def ordered_actions(state: State) -> list[Action]:
    """All actions, the next sensible one for this state first, terminate last."""
    first = _NEXT.get(state)
    usual = [
        Action.START,
        Action.STOP,
        Action.RESTART,
        Action.RESTORE,
        Action.REBUILD,
        Action.RETRY,
        Action.TERMINATE,
    ]
    return ([first] if first else []) + [action for action in usual if action is not first]


def at_most(count: int, most: int = MOST_COUNTED) -> str:
    """A count that stops at `most`."""
    return f"{most:,}+" if count > most else str(count)
