"""A worker that dies as by kill -9: a forked process that kills itself, so that nothing of it cleans up."""

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable

from sqlalchemy.orm import sessionmaker

from tests.desk import Desk
from webapp.database import make_engine
from webapp.engine.context import Engine


def die_at(desk: Desk, point: str, work: Callable[[Engine], object]) -> None:
    """Do `work` in a process of its own that is killed when it reaches `point`. Its lease stays behind."""
    desk.sandbox.close()  # of one connection both would read
    with warnings.catch_warnings():
        # The threads of simulated servers stay with the parent; the child speaks to them over the wire.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _work_until(desk, point, work)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"{point} was not reached"


def _work_until(desk: Desk, point: str, work: Callable[[Engine], object]) -> None:
    def kill(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        sessions = sessionmaker(make_engine(desk.settings.database_url), expire_on_commit=False)
        work(desk.make_engine(sessions=sessions, crashpoint=kill))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(7)
