"""The queue server also counts calls: what callers get who wait for it when it dies."""

import socket
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tests.api.world import FrozenClock, RecordingNotifier, World
from tests.apps import AppPool, replace_database
from tests.desk import make_settings

AT_ONCE = 6


def die_under(server: socket.socket, callers: int) -> None:
    """Take that many connections, or what comes until the server is shut down; answer none, and be gone."""
    taken: list[socket.socket] = []
    with suppress(OSError):
        while len(taken) < callers:
            taken.append(server.accept()[0])
    server.close()
    for connection in taken:
        connection.close()


def test_callers_who_wait_for_it_when_it_dies_are_served(
    apps: AppPool, tmp_path: Path, world_template: tuple[Path, World]
) -> None:
    template, world = world_template
    replace_database(template, tmp_path / "api.sqlite3")
    address = tmp_path / "queue.sock"
    settings = make_settings(f"sqlite:///{tmp_path / 'api.sqlite3'}")
    settings = replace(settings, redis_url=f"unix://{address}")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(address))
    server.listen(AT_ONCE)
    dying = threading.Thread(target=die_under, args=(server, AT_ONCE))
    dying.start()
    statuses: list[int] = []

    with apps.open(settings, clock=FrozenClock(), notifier=RecordingNotifier(), is_own=True) as app:

        def call() -> None:
            headers = {"Authorization": f"Bearer {world.tokens['provider']}"}
            answer = app.test_client().get("/api/workspaces/workspaces/", headers=headers)
            statuses.append(answer.status_code)

        callers = [threading.Thread(target=call) for _ in range(AT_ONCE)]
        for one in callers:
            one.start()
        for one in callers:
            one.join()
        # On a slow machine the first has given up before the last calls, and that one no longer connects.
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        dying.join()

    assert statuses == [200] * AT_ONCE
