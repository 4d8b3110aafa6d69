"""How tests spread over the workers of `bin/test`: what shares a server or mostly waits stays on one of them.

By file, because the mark of the plugin has no effect with pytest 9.2: it writes the group into a name that
pytest does not read any more, silently, so that each worker started servers of its own.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

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
        "tests/browser/test_passkeys.py",
        "tests/browser/test_push.py",
        "tests/browser/test_single_sign_on.py",
    ),
}
GROUP_OF = {path: name for name, paths in GROUPS.items() for path in paths}


class Spread(LoadScopeScheduling):
    """Each test goes where there is room, a group as a whole; the groups come first."""

    def _split_scope(self, nodeid: str) -> str:
        return GROUP_OF.get(nodeid.partition("::")[0], nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread:
    return Spread(config, log)
