"""Contracts and people in the simulator: windows that begin, end and move, ends with and without a grace,
undos, more time, people who are hired again, and the users that orders make in the directory.
"""

import json
from datetime import timedelta
from random import Random

from tests.simulator.contract_watch import ContractWatch
from tests.simulator.database import APPLICATIONS, BUNDLE, CREDENTIALS, REHIRED
from tests.simulator.directory import Directory, Style
from tests.simulator.world import World
from webapp.clouds.reports import facts_as_mapping
from webapp.domain.actor import Actor
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.windows import Window
from webapp.queries import workspaces as queries
from webapp.services import connection, extensions, first_passwords, orders, windows, workspace_actions
from webapp.services.context import ServiceContext

COMPANY_ID = 1
ACTOR = Actor("provider@example.com", user_id=1, request_id="request")
CALM_S = 96 * 3600.0
"""Every window ends, and every grace after it."""
LONGEST = timedelta(days=2)
"""No contract lasts longer in the calm."""
ENDS_S = (-60, 30, 600, 3600, 86_400)
STARTS_S = (None, None, None, 600, 7200)
JUMPS_S = (3600, 86_400)
AT_FIRST, SETTLES_IN_S = 3, 1200.0
"""So many people are hired before the storm, which comes so much later at most."""
READY_S = (30, 120, 300, 2700)
"""Desktops come up soon: most of the storm is about those in use."""
_LEFT = """
SELECT count(*) FROM workspaces WHERE desired = 'present' AND phase != 'gone'
AND (ends_at IS NOT NULL OR suspended_at IS NOT NULL OR access_cut_at IS NOT NULL)
"""


class Contracts:
    """What happens to contracts in one schedule; its draws are its own, so that other seeds stay."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, Random(f"contracts {seed}")
        graces = self.rng.choice((1, 1, 0)), self.rng.choice((1, 1, 0))
        self.directory = Directory(world.hub, self.rng, self.rng.choice(list(Style)))
        world.cloud.directory, world.cloud.ready_s = self.directory, READY_S
        world.raw.execute("UPDATE companies SET grace_days = ?, contract_grace_days = ?", graces)
        world.raw.execute(
            "UPDATE cloud_credentials SET observed = ? WHERE cloud_provider = 'aws'",
            (json.dumps(facts_as_mapping(self.directory.facts)),),
        )
        world.raw.commit()
        self.watch = ContractWatch(world.watch, world.cloud, self.directory, graces=graces)

    def happen(self) -> str | None:
        """One thing, perhaps; what it was."""
        chance = self.rng.random()
        for limit, handler in _HANDLERS:
            if chance < limit:
                return handler(self)
        return None

    def calm_down(self) -> None:
        self.directory.has_faults = False
        self.fix()

    def fix(self) -> None:
        """The rights are there again, and whoever makes users by hand makes those that orders wait for."""
        self.directory.may_write = True
        query = "SELECT username FROM workspaces WHERE waiting_code = 'user_not_found' AND NOT creates_user"
        for (username,) in self.world.raw.execute(query).fetchall():
            if self.directory.find(username) is None:
                self.directory.make(username)

    def end_soon(self) -> None:
        """What would last for weeks is ended within the hour: somebody changes the contract."""
        now = self.world.hub.now()
        ends_at = now + timedelta(hours=1)
        query = "SELECT id FROM applications WHERE ends_at > ?"
        far = (now + LONGEST).replace(tzinfo=None).isoformat(" ")
        for (application_id,) in self.world.raw.execute(query, (far,)).fetchall():
            self._change_window(application_id, Window(None, ends_at, "UTC"))

    def is_at_rest(self) -> bool:
        """Every contract that ends has ended, with its grace and its user."""
        return not self.world.raw.execute(_LEFT).fetchone()[0] and not self.watch.users_left()

    def is_any_coming(self) -> bool:
        phases = "('requested', 'create_intent', 'creating')"
        return bool(self.world.raw.execute(f"SELECT 1 FROM workspaces WHERE phase IN {phases}").fetchone())

    # The contract

    def _set_window(self) -> str:
        application_id = self._some_application()
        window = self._some_window()
        self._change_window(application_id, window)
        return f"the contract of application {application_id}: {window.starts_at} to {window.ends_at}"

    def _change_window(self, application_id: int, window: Window) -> None:
        def change(context: ServiceContext) -> None:
            windows.set_window(
                context, application_id, window, company_id=COMPANY_ID, actor=ACTOR, may_end=True
            )

        self.world.start_entry_point("window", change)

    def _some_window(self) -> Window:
        now = self.world.hub.now()
        if self.rng.random() < 0.2:
            return Window()
        starts_s, ends_s = self.rng.choice(STARTS_S), self.rng.choice(ENDS_S)
        starts_at = now + timedelta(seconds=starts_s) if starts_s is not None else None
        ends_at = now + timedelta(seconds=ends_s + (starts_s or 0))
        return Window(starts_at if ends_s > 0 else None, ends_at, "UTC")

    def _undo(self) -> str | None:
        row_id = self._some_row("suspended_at IS NOT NULL")
        if row_id is None:
            return None

        def undo(context: ServiceContext) -> None:
            workspace_actions.undo(context, row_id, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("undo", undo)
        return f"undo the termination of row {row_id}"

    def _terminate_now(self) -> str | None:
        row_id = self._some_row("desired = 'present' AND phase != 'gone'")
        if row_id is None:
            return None
        self.watch.pressed_now(row_id)

        def end(context: ServiceContext) -> None:
            workspace_actions.press(
                context, row_id, Action.TERMINATE, company_id=COMPANY_ID, actor=ACTOR, at_once=True
            )

        self.world.start_entry_point("now", end)
        return f"terminate row {row_id} now"

    def _ask_for_time(self) -> str | None:
        query = "SELECT workspaces.id, seeker_id, application_id FROM workspaces JOIN applications"
        found = self.world.raw.execute(
            f"{query} ON applications.id = application_id WHERE workspaces.ends_at IS NOT NULL"
        ).fetchall()
        if not found:
            return None
        row_id, seeker_id, application_id = self.rng.choice(found)

        def ask(context: ServiceContext) -> None:
            extensions.ask_for_time(context, row_id, seeker_id=seeker_id, actor=ACTOR)

        def grant(context: ServiceContext) -> None:
            extensions.grant_time(context, application_id, company_id=COMPANY_ID, actor=ACTOR)

        if self.rng.random() < 0.5:
            self.world.start_entry_point("ask", ask)
            return f"more time is asked for: row {row_id}"
        self.world.start_entry_point("grant", grant)
        return f"more time is granted: application {application_id}"

    # Desktops and their people

    def hire(self, *, is_known: bool = False) -> str:
        """An order for a person, again where one had ended: with a new end of the contract before it.

        `is_known`: the person's user is of others.
        """
        application_id = self._some_application()
        number = (application_id - 1) % APPLICATIONS
        is_mixed_up = self.rng.random() < 0.1
        name = f"seeker{self.rng.randrange(APPLICATIONS) if is_mixed_up else number}"
        makes = self.rng.random() < 0.8 and not is_known
        if is_known or (not makes and self.rng.random() < 0.7):
            name = self.rng.choice(("anna", "old.hand", "other.berth"))
        username = self.directory.full(name, is_guest=name[-1] in "34")
        window = self._some_window() if self.rng.random() < 0.5 else None
        credential_id = self.rng.randint(1, CREDENTIALS)
        order_request = orders.OrderRequest(
            application_id=application_id,
            cloud_credential_id=credential_id,
            workspace_type=str(BUNDLE["workspace_type"]),
            bundle_id=str(BUNDLE["bundle_id"]),
            username=username,
            create_user=makes,
        )

        def hire(context: ServiceContext) -> None:
            if window is not None:
                windows.set_window(
                    context, application_id, window, company_id=COMPANY_ID, actor=ACTOR, may_end=True
                )
            orders.order_workspace(context, order_request, company_id=COMPANY_ID, actor=ACTOR)

        self.world.start_entry_point("hire", hire)
        return f"hire application {application_id} as {username}{', user made' * makes}"

    def set_first_password(self) -> str | None:
        row_id = self._some_row("creates_user AND phase = 'ready'")
        if row_id is None:
            return None

        def set_one(context: ServiceContext) -> None:
            password = first_passwords.set_first_password(
                context, row_id, company_id=COMPANY_ID, actor=ACTOR, may_replace=True
            )
            self.directory.stats["first passwords shown"] += 1
            self.watch.shown(row_id, password)

        self.world.start_entry_point("first password", set_one)
        return f"a first password for row {row_id}"

    def _connect(self) -> str | None:
        """A person opens the page of a desktop, and its client: one that is stopped starts."""
        row_id = self._some_row("phase = 'ready'")
        if row_id is None:
            return None

        def read(context: ServiceContext) -> None:
            row = queries.get_workspace(context.session, row_id, company_id=COMPANY_ID)
            connection.connection_of(row, now=context.clock.now())
            self.watch.connects(row_id)

        self.world.start_entry_point("connect", read)
        self._start_from_client(row_id)
        return f"the person of row {row_id} connects"

    def _start_from_client(self, row_id: int) -> None:
        query = "SELECT cloud_workspace_id FROM workspaces WHERE id = ?"
        machine = self.world.cloud.machines.get(self.world.raw.execute(query, (row_id,)).fetchone()[0])
        if machine is None or machine.state is not CloudState.STOPPED or not machine.is_open:
            return
        user = self.directory.find(machine.username)
        if user is not None and user.is_enabled:
            machine.state, machine.then = CloudState.STARTING, CloudState.AVAILABLE
            machine.then_s = self.world.hub.now_s + self.rng.choice((30, 120, 400))
            self.directory.stats["starts by a client"] += 1

    # Trouble

    def _meddle(self) -> str | None:
        what = self.directory.meddle()
        self.directory.stats["directory changed by hand"] += what is not None
        return what

    def _deny(self) -> str:
        self.directory.may_write = False
        return "the key may not change users"

    def _allow(self) -> str | None:
        was_denied, self.directory.may_write = not self.directory.may_write, True
        return "the key may change users again" if was_denied else None

    def _jump(self) -> str:
        self.world.hub.now_s += self.rng.choice(JUMPS_S)
        return "nobody works for long"

    def _some_application(self) -> int:
        return self.rng.randint(1, APPLICATIONS + REHIRED)

    def _some_row(self, condition: str) -> int | None:
        ids = self.world.raw.execute(f"SELECT id FROM workspaces WHERE {condition} ORDER BY id")
        found = [row_id for (row_id,) in ids]
        return self.rng.choice(found) if found else None


_HANDLERS = (
    (0.07, Contracts._set_window),
    (0.11, Contracts._undo),
    (0.12, Contracts._jump),
    (0.18, Contracts.hire),
    (0.22, Contracts.set_first_password),
    (0.25, Contracts._connect),
    (0.265, Contracts._terminate_now),
    (0.285, Contracts._ask_for_time),
    (0.305, Contracts._meddle),
    (0.308, Contracts._deny),
    (0.33, Contracts._allow),
)
"""The chances of each, summed up."""
