"""What must be true of contracts, access and the directory's users, at every moment and in the end.

What is so, these rules take from the contract, the clock and the cloud, never from what the engine has noted
about them: an engine that decides wrongly notes it wrongly too.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.simulator.cloud import Cloud, Machine
from tests.simulator.directory import Directory, Style, User
from tests.simulator.processes import Process
from tests.simulator.watch import Watch
from webapp.domain.lifecycle import BRINGS_BACK, Action, CloudState

RUNNING = frozenset({CloudState.AVAILABLE, CloudState.UNHEALTHY})
TURNS_ON = tuple(action.value for action in (Action.START, Action.RESTART, *BRINGS_BACK))
_TURNS = """
SELECT id, workspace_id, was_wanted, is_wanted, suspended_before, suspended, destroy_before, destroy, because,
       action, was_usable FROM turns WHERE id > ?
"""
_ROW = """
SELECT workspaces.id, desired, phase, suspended_at, access_ended_at, applications.starts_at,
       applications.ends_at, username, creates_user, credential_id, seeker_id
FROM workspaces JOIN applications ON applications.id = application_id
"""
_LIVE = "phase != 'gone' AND desired = 'present'"


class Row(NamedTuple):
    row_id: int
    desired: str
    phase: str
    suspended_at: str | None
    access_ended_at: str | None
    starts_at: str | None
    ends_at: str | None
    username: str
    creates_user: bool
    credential_id: int
    person_id: int


class ContractWatch:
    def __init__(self, watch: Watch, cloud: Cloud, directory: Directory, *, graces: tuple[int, int]) -> None:
        """`graces`: in days, of a termination and of a contract's end."""
        self._watch, self._cloud, self._directory = watch, cloud, directory
        self._raw, self._hub = watch.raw, watch.hub
        self._grace, self._contract_grace = (timedelta(days=days) for days in graces)
        self._turn = self._sealed = 0
        self._now_pressed: set[int] = set()
        """Rows that somebody has said to terminate without a grace."""
        self._looks: Counter[str] = Counter()
        """How often a machine was seen running in the calm although its person may not use it."""
        self._orders: dict[str, int] = {}
        """For which order each user was made, by its id."""
        self._sent: Counter[str] = Counter()
        """How often each password reached the directory."""
        self._shown: list[str] = []
        watch.also_look, watch.also_judge = self.look, self.judge_end
        directory.on_made, directory.on_write = self.on_user, self.on_write
        directory.on_password = self.on_password
        cloud.on_looked = self.on_looked

    def accuse(self, rule: str, what: object) -> None:
        self._watch.accuse(rule, what)

    # What somebody did

    def pressed_now(self, row_id: int) -> None:
        """Somebody terminates it at once, from here on rightly."""
        self._now_pressed.add(row_id)

    def shown(self, row_id: int, password: str) -> None:
        """A first password is shown to whoever asked for it."""
        self._shown.append(password)
        found = self._raw.execute(
            "SELECT 1 FROM directory_users WHERE workspace_id = ? AND sealed_password IS NOT NULL", (row_id,)
        )
        if found.fetchone() is not None:
            self.accuse("a first password was stored after it was shown", f"row {row_id}")

    def connects(self, row_id: int) -> None:
        """An entry point has said how to connect."""
        row = self._row(row_id)
        if row.desired != "present" or self._is_closed(row):
            self.accuse("an entry point opened what is closed", f"connect to row {row_id}")

    # At every moment

    def look(self, process: Process) -> None:
        """Judge what this process has written."""
        for turn in self._raw.execute(_TURNS, (self._turn,)).fetchall():
            self._turn = turn[0]
            self._judge_turn(process, *turn[1:])
        query = "SELECT id, workspace_id FROM sealed WHERE id > ?"
        for number, row_id in self._raw.execute(query, (self._sealed,)).fetchall():
            self._sealed = number
            if self._is_closed(self._row(row_id)):
                self.accuse("an entry point opened what is closed", f"a first password for row {row_id}")

    def _judge_turn(
        self,
        process: Process,
        row_id: int,
        was_wanted: int,
        is_wanted: int,
        suspended_before: str | None,
        suspended: str | None,
        destroy_before: str | None,
        destroy: str | None,
        because: str | None,
        action: str | None,
        was_usable: int,
    ) -> None:
        if action in TURNS_ON and self._is_closed(self._row(row_id)):
            self.accuse("an entry point opened what is closed", f"{action} row {row_id}")
        if (
            suspended is not None
            and destroy is not None
            and (suspended_before, destroy_before) != (suspended, destroy)
        ):
            grace = self._contract_grace if because == "contract_ended" else self._grace
            is_new = suspended_before != suspended
            earliest = (_at(suspended) if is_new else self._hub.now()) + grace
            if destroy_before is not None and suspended_before is not None:
                earliest = min(earliest, _at(destroy_before))
            if _at(destroy) < earliest:
                self.accuse("a grace was cut short", f"row {row_id} until {destroy}")
        if was_wanted and not is_wanted:
            self._judge_end_of(process, row_id, destroy_before, was_usable=bool(was_usable))

    def _judge_end_of(
        self, process: Process, row_id: int, destroy_at: str | None, *, was_usable: bool
    ) -> None:
        """It is not wanted any more."""
        row = self._row(row_id)
        if process.is_reconciling:
            if destroy_at is None or _at(destroy_at) > self._hub.now():
                self.accuse("ended before its grace was over", f"row {row_id}")
            elif not self._is_closed(row):
                self.accuse("ended although its contract goes on", f"row {row_id}")
        elif was_usable and self._grace and row_id not in self._now_pressed:
            self.accuse("ended at once though nobody said so", f"row {row_id}")
        else:
            self._watch.ended_at_once.add(row_id)

    def on_looked(self, machine: Machine) -> None:
        """A worker is about to see this machine. In the calm one look ends what is over."""
        process = self._hub.current
        found = self._watch.row_of(machine)
        if self._cloud.has_faults or process is None or found is None:
            return
        row = self._row(found[0])
        token = "SELECT lease_token FROM cloud_credentials WHERE id = ?"
        (held,) = self._raw.execute(token, (row.credential_id,)).fetchone()
        if process.tokens.get(row.credential_id) != held:
            return
        is_late = machine.state in RUNNING and row.phase == "ready" and self._is_closed(row)
        self._looks[machine.machine_id] = self._looks[machine.machine_id] + 1 if is_late else 0
        if self._looks[machine.machine_id] > 1:
            self.accuse("usable after the end at a second look", f"row {row.row_id}")

    def rest(self) -> None:
        """Nobody is at work: whoever is said to be kept out is."""
        for found in self._raw.execute(f"{_ROW} WHERE phase = 'ready' AND access_ended_at IS NOT NULL"):
            row = Row(*found)
            if row.desired != "present" or not self._is_closed(row):
                continue
            user = self._directory.find(row.username)
            is_managed = self._directory.style is Style.MANAGED
            if is_managed and user is not None and user.is_ours and user.is_enabled and not user.is_handled:
                self.accuse("said to be kept out, and is not", f"row {row.row_id}: the user")

    # The directory

    def on_user(self, user: User) -> None:
        """The directory has made a user for us."""
        query = "SELECT state, workspace_id, person_id FROM directory_users WHERE mark = ?"
        found = self._raw.execute(query, (user.made_for,)).fetchone()
        if found is None or found[0] != "intent":
            self.accuse("a user without an intent", f"{user.username} {found}")
            return
        living = [one for one in self._directory.users.values() if one is not user]
        if any(one.made_for == user.made_for or self._orders.get(one.user_id) == found[1] for one in living):
            self.accuse("two users for one intent", user.username)
        self._orders[user.user_id] = found[1]

    def on_write(self, operation: str, user: User) -> None:
        """A call of ours is about to change this user: only if it was ours when we read it last."""
        seen = self._directory.seen.get((self._hub.current, user.username.lower()))
        is_known = seen is not None and seen[0] is user and not seen[1]
        if is_known and not user.is_ours:
            self.accuse("a user was touched that is not ours", f"{operation} {user.username}")
        elif seen is None and not user.is_ours:
            self.accuse("a user was touched that nobody looked at", f"{operation} {user.username}")

    def on_password(self, user: User, password: str) -> None:
        """A password has reached the directory."""
        self._sent[password] += 1
        if self._sent[password] > 1:
            self.accuse("a password was set twice", user.username)

    # In the end

    def judge_end(self) -> None:
        """Everything has its end, and everybody is let in or kept out as the contracts say."""
        for (user_name,) in self._raw.execute(
            "SELECT username FROM directory_users WHERE sealed_password IS NOT NULL"
        ):
            self.accuse("a first password was left in the database", user_name)
        for user in self.users_left():
            self.accuse("a user was left enabled after the end", user.username)
        for user in self._directory.ours():
            if not user.is_handled:
                self._judge_user(user)
        query = f"{_ROW} WHERE phase = 'ready' AND desired = 'present'"
        for row in (Row(*found) for found in self._raw.execute(query)):
            if row.ends_at is not None and _at(row.ends_at) + self._contract_grace < self._hub.now():
                self.accuse("the contract is over, and its desktop lives", f"row {row.row_id}")
        self._judge_passwords()

    def users_left(self) -> list[User]:
        """Ours who are enabled although no order is there for them."""
        return [
            one
            for one in self._directory.ours()
            if one.is_enabled and not one.is_handled and not self._rows_of(one)
        ]

    def _rows_of(self, user: User) -> list[Row]:
        query = f"{_ROW} WHERE {_LIVE} AND lower(username) = ?"
        return [Row(*found) for found in self._raw.execute(query, (user.username.lower(),))]

    def _judge_user(self, user: User) -> None:
        live = self._rows_of(user)
        was_let_in = user.password is not None or self._directory.style is Style.ENTRA
        wanted = [
            row for row in live if row.phase == "ready" and row.creates_user and not self._is_closed(row)
        ]
        if wanted and was_let_in and not user.is_enabled:
            self.accuse("a user was left disabled", f"{user.username} of row {wanted[0].row_id}")

    def _judge_passwords(self) -> None:
        if not self._shown:
            return
        everything = "\n".join(self._raw.iterdump())
        for password in self._shown:
            if password in everything:
                self.accuse("a first password is in the database", "in plain text")

    # The truth

    def _row(self, row_id: int) -> Row:
        return Row(*self._raw.execute(f"{_ROW} WHERE workspaces.id = ?", (row_id,)).fetchone())

    def _is_closed(self, row: Row) -> bool:
        """By the contract, or because somebody has ended it."""
        now = self._hub.now()
        is_over = row.ends_at is not None and _at(row.ends_at) <= now
        is_early = row.starts_at is not None and _at(row.starts_at) > now
        return row.suspended_at is not None or is_over or is_early


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
