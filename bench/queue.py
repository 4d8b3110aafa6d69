"""`python -m bench.queue [ENTRIES]`: what a long queue costs in Redis: its memory, a sweep, and a press."""

import sys
import time

import redis

from tests.servers.valkey import Valkey
from webapp.queueing import JobName, RedisNotifier, queue_keys, queue_of

TIMES = 20


def main(entries: int = 10_000) -> None:
    with Valkey() as valkey:
        connection, notifier = redis.Redis.from_url(valkey.url), RedisNotifier(valkey.url)
        due = [(JobName.RECONCILE, number) for number in range(entries)]
        notifier.notify_due(due)
        own_s, began_s, server_s = time.process_time(), time.perf_counter(), _server_cpu_s(connection)
        for _ in range(TIMES):
            notifier.notify_due(due)
        own_s, took_s = time.process_time() - own_s, time.perf_counter() - began_s
        server_s = _server_cpu_s(connection) - server_s
        memory = connection.memory_usage(queue_keys(queue_of(JobName.RECONCILE))[1])
        began_s = time.perf_counter()
        for number in range(TIMES):
            notifier.notify(JobName.RECONCILE, entries // 2 + number)
        press_s = time.perf_counter() - began_s
    print(
        f"{entries} entries wait, {int(memory or 0) / 1000:.0f} kB: all due once more {_ms(took_s)} ms, of it"
        f" CPU {_ms(own_s)} ms here and {_ms(server_s)} ms in Redis; a press {_ms(press_s)} ms"
    )


def _ms(seconds: float) -> str:
    return f"{seconds / TIMES * 1000:.1f}"


def _server_cpu_s(connection: "redis.Redis[bytes]") -> float:
    used = connection.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
