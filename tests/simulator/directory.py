"""The users of the scripted cloud: a Managed AD, or Entra. People work in it by hand, too.

What it keeps of its promises is what the product relies on: a name is taken from the moment at which a user
is made, reads and desktops know the user some time later
(docs/evidence/aws_workspaces.md#users-of-a-managed-directory, docs/evidence/azure_avd.md#microsoft-graph).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.simulator.processes import Hub, Process
from webapp.clouds.reports import DirectoryFacts
from webapp.providers.aws_workspaces.directory_kinds import DirectoryKind
from webapp.providers.aws_workspaces.directory_users import UserKind

INSTALLATION = "1" * 32
OTHER_MARK = f"{'2' * 32}/user/{'3' * 32}"
"""Of another installation of Berth, which works in the same directory."""
DOMAIN, HOME = "example.com", "home.example"
"""Of the tenant, and of its guests."""


class Style(StrEnum):
    MANAGED = "managed"
    ENTRA = "entra"


@dataclass(eq=False)
class User:
    user_id: str
    username: str
    mark: str | None
    """Whose it is, as the directory says it now."""
    is_enabled: bool
    shown_s: float
    """From when on reads know it."""
    usable_s: float
    """From when on a desktop can be made for it."""
    made_for: str | None = None
    """The mark of the call that made it; None: somebody made it by hand."""
    display_name: str = ""
    is_guest: bool = False
    is_member: bool = False
    password: str | None = None
    is_handled: bool = False
    """Somebody has switched it on or off by hand: how it is, is theirs since."""

    @property
    def is_ours(self) -> bool:
        return (self.mark or "").startswith(f"{INSTALLATION}/")


class Directory:
    def __init__(self, hub: Hub, rng: Random, style: Style) -> None:
        self.hub, self.rng, self.style = hub, rng, style
        self.has_faults = self.may_write = True
        self.users: dict[str, User] = {}
        """Who is there, by id."""
        self.tokens: dict[str, str] = {}
        """What was made under a client token."""
        self.stats: Counter[str] = Counter()
        self.seen: dict[tuple[Process | None, str], tuple[User, bool]] = {}
        """Whom each process has read last under a name, and whether it was ours then."""
        self.on_made: Callable[[User], None] = lambda _user: None
        self.on_write: Callable[[str, User], None] = lambda _operation, _user: None
        self.on_password: Callable[[User, str], None] = lambda _user, _password: None
        self._made = 0
        for name in ("anna", "old.hand"):
            self.make(self.full(name))
        self.make(self.full("other.berth"), mark=OTHER_MARK)

    @property
    def facts(self) -> DirectoryFacts:
        """What a test of the cloud account finds out; names of Entra are addresses."""
        is_managed = self.style is Style.MANAGED
        return DirectoryFacts(
            registration_code="WSscr+ABC123",
            directory_name="corp.example.com",
            directory_type="",
            web_client_url=None,
            can_reset_password=is_managed,
            kind=DirectoryKind.PASSWORD if is_managed else DirectoryKind.IDENTITY_CENTER,
            user_kind=UserKind.MANAGED if is_managed else "entra",
            makes_users=True,
            sets_passwords=is_managed,
        )

    def full(self, name: str, *, is_guest: bool = False) -> str:
        return name if self.style is Style.MANAGED else f"{name}@{HOME if is_guest else DOMAIN}"

    # Who is there

    def find(self, key: str) -> User | None:
        """By id or name, as it is."""
        if key in self.users:
            return self.users[key]
        return next((one for one in self.users.values() if one.username.lower() == key.lower()), None)

    def read(self, key: str) -> User | None:
        """As a read shows it to the process that asks."""
        found = self.find(key)
        if found is None or found.shown_s > self.hub.now_s:
            return None
        self.seen[self.hub.current, found.username.lower()] = (found, found.is_ours)
        return found

    def is_usable(self, username: str) -> bool:
        found = self.find(username)
        return found is not None and found.usable_s <= self.hub.now_s

    def ours(self) -> list[User]:
        return [one for one in self.users.values() if one.is_ours]

    # What calls do

    def make(self, username: str, *, mark: str | None = None, made_for: str | None = None) -> User:
        """By hand, unless `made_for`."""
        self._made += 1
        late = made_for is not None and self.has_faults
        shown_s = self.hub.now_s + (self.rng.choice((0, 0, 5, 90)) if late else 0)
        user = User(
            user_id=f"id-{self._made:04d}",
            username=username,
            mark=mark,
            is_enabled=made_for is None,
            shown_s=shown_s,
            usable_s=shown_s + (self.rng.choice((0, 0, 60, 600)) if late else 0),
            made_for=made_for,
        )
        self.users[user.user_id] = user
        if made_for is not None:
            self.stats["users made"] += 1
            self.on_made(user)
        return user

    def touch(self, operation: str, user: User) -> None:
        """A call of Berth's is about to change it."""
        self.stats["directory writes"] += 1
        self.on_write(operation, user)

    # What people do

    def meddle(self) -> str | None:
        """Somebody works in the directory."""
        if not self.users:
            return None
        user = self.rng.choice(list(self.users.values()))
        return self.rng.choice((self._remove, self._take_over, self._switch, self._add))(user)

    def _remove(self, user: User) -> str:
        del self.users[user.user_id]
        return f"removed by hand: {user.username}"

    def _take_over(self, user: User) -> str | None:
        """Its mark is wiped, or another installation's: from now on it is nobody's to change."""
        if not user.is_ours or self.rng.random() < 0.5:
            return None
        user.mark = self.rng.choice((None, OTHER_MARK))
        user.display_name = ""
        return f"the mark of {user.username} is changed by hand"

    def _switch(self, user: User) -> str:
        user.is_enabled, user.is_handled = not user.is_enabled, True
        return f"switched by hand: {user.username}"

    def _add(self, _user: User) -> str | None:
        """A name that an order may ask for."""
        name = self.full(f"seeker{self.rng.randrange(5)}")
        if self.find(name) is not None:
            return None
        self.make(name, mark=self.rng.choice((None, None, OTHER_MARK)))
        return f"added by hand: {name}"
