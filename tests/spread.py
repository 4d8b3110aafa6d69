"""How tests spread over the workers of `bin/test`: what shares a server or mostly waits stays on one of them.

By file, because the mark of the plugin has no effect with pytest 9.2: it writes the group into a name that
pytest does not read any more, silently, so that each worker started servers of its own.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

GROUPS = {
    "worlds": (  # they wait much: one after another, beside the others
        "tests/crash/test_fencing.py",
        "tests/crash/test_hostile_queue.py",
        "tests/crash/test_processes.py",
        "tests/crash/test_recovery.py",
        "tests/crash/test_schedules.py",
        "tests/crash/test_without_queue.py",
    ),
    "environment": ("tests/commands/test_environment.py",),  # one environment is made and copied
    "sbom": ("tests/commands/test_sbom.py",),  # one is made, and read
    "messages": (  # the sources are read once for them
        "tests/languages/test_catalogues.py",
        "tests/languages/test_marked_texts.py",
    ),
    "installed": (  # one release, and one web server behind its proxy
        "tests/installation/test_production.py",
        "tests/installation/test_proxy.py",
    ),
    "browser": (  # one running Berth serves them all
        "tests/browser/test_journey.py",
        "tests/jobs/test_exporter.py",
    ),
    "served": (
        "tests/browser/test_accessibility.py",
        "tests/browser/test_keyboard.py",
        "tests/browser/test_languages.py",
        "tests/browser/test_live.py",
        "tests/browser/test_mails.py",
        "tests/browser/test_who_makes_users.py",
        "tests/browser/test_passkeys.py",
        "tests/browser/test_push.py",
        "tests/browser/test_session_end.py",
        "tests/browser/test_single_sign_on.py",
    ),
}
LONG = (
    "tests/api/test_campaign.py",
    "tests/commands/test_secrets_of_processes.py",
    "tests/commands/test_whole.py",
    "tests/costs/test_campaign.py",
    "tests/engine/test_drift.py::test_a_thousand",
    "tests/engine/test_every_row_ends.py",
    "tests/engine/test_state_machine.py",
    "tests/jobs/test_heartbeats.py",
    "tests/mail/test_campaign.py",
    "tests/pages/test_hundred_hires.py",
    "tests/pages/test_roles.py",
    "tests/scale/test_fleet.py",
    "tests/scale/test_reads.py",
    "tests/simulator/test_simulator.py",
    "tests/third_cloud/test_third_cloud.py",
)
"""Next after the groups, so that nobody begins one of them when the others have nothing left to do."""
GROUP_OF = {path: name for name, paths in GROUPS.items() for path in paths}


class Spread(LoadScopeScheduling):
    """Each test goes where there is room, a group as a whole; the groups come first, then what is long."""

    def schedule(self) -> None:
        is_first = self.collection is None
        super().schedule()
        if is_first:
            for scope in reversed([scope for scope in self.workqueue if scope.startswith(LONG)]):
                self.workqueue.move_to_end(scope, last=False)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """What is done is forgotten: after each test the plugin counts again all that a worker ever got."""
        scope = self._split_scope(self.registered_collections[node][item_index])
        unit = self.assigned_work[node][scope]
        super().mark_test_complete(node, item_index, duration)
        if all(unit.values()):
            del self.assigned_work[node][scope]

    def _split_scope(self, nodeid: str) -> str:
        return GROUP_OF.get(nodeid.partition("::")[0], nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread:
    return Spread(config, log)
