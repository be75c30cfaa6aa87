"""What happens to workers: killed, paused, without a scheduler, without a database; and what it costs."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.error import URLError

from bench.cluster import Cluster
from bench.growing import Growth, title
from bench.worker_farm import Asked, at_once, doubles, silences
from tests.support.restarted_postgres import OwnServer, Shutdown

_WORKERS = 4
_PAUSES_S = (20.0, 60.0)
_BETWEEN_S = (3.0, 8.0)  # from when all goes well again to the next trouble
_RECOVERY_S = 40.0  # waited after each
_PICKED_S = 1.5  # a round of the scheduler is shorter
_PATIENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble, made ``times`` times; ``make`` does it, and gives when that was."""

    name: str
    make: Callable[[Cluster, OwnServer, random.Random], float]
    times: int
    processes: Sequence[tuple[str, Sequence[str]]]
    feeds: int = 200
    interval: float = 10.0
    new_every: float = 0.5
    answer_s: float = 1.0  # slow, so that there is work under way to be lost

    @property
    def seconds(self) -> float:
        """Time for which feeds grow: about as long as it takes."""
        longest = _PAUSES_S[1] if self.make is _pause else 5.0
        return 30 + self.times * (_BETWEEN_S[1] + _RECOVERY_S + longest)

    def told(
        self,
        cluster: Cluster,
        server: OwnServer,
        growth: Growth,
        requests: Callable[[], list[Asked]],
    ) -> str:
        """Make the trouble; what it cost."""
        chance = random.Random(self.name)
        for name, arguments in self.processes:
            cluster.start(name, *arguments)
        _wait(lambda: len({one.feed for one in requests()}) == growth.feeds)
        moments = []
        for _ in range(self.times):
            time.sleep(chance.uniform(*_BETWEEN_S))
            moments.append(self.make(cluster, server, chance))
            time.sleep(_RECOVERY_S)
        whole = {
            title(feed, one)
            for feed in range(growth.feeds)
            for one in range(growth.entries(feed, growth.start + growth.seconds))
        }
        _wait(lambda: set(_shown(cluster)) >= whole)
        return "\n".join(self._lines(cluster, requests(), moments, whole))

    def _late(self, found: Sequence[float]) -> str:
        if not found:
            return "none"
        return f"{found[len(found) // 2] - self.interval:.1f} and {found[-1] - self.interval:.1f}"

    def _lines(
        self,
        cluster: Cluster,
        done: Sequence[Asked],
        moments: Sequence[float],
        whole: set[str],
    ) -> Iterator[str]:
        stored, shown = cluster.stored(), _shown(cluster)
        usual = silences(done, moments[0] - _BETWEEN_S[0])
        around = [silences(done, one) for one in moments]
        twice = doubles(done, self.interval)
        yield f"{self.name}, {self.times} times: {len(whole)} entries, {len(done)} polls"
        yield (
            f"  lost {len(whole - set(stored))} of the store, {len(whole - set(shown))} of the output; "
            f"doubled {_more(stored)}, {_more(shown)}"
        )
        yield (
            f"  time without a poll around it beyond the {self.interval:g} s, of the median feed and the "
            f"longest: {', '.join(map(self._late, around))} s; before {self._late(usual)} s"
        )
        yield f"  double polls {len(twice)}, two at once at a host {len(at_once(done))}"
        for first, second in twice[:5]:
            yield f"    {first} {second}"
        for said, times in sorted(cluster.complaints().items()):
            yield f"  log: {said}: {times}"


def _wait(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end and not true():
        time.sleep(0.5)


def _shown(cluster: Cluster) -> Counter[str]:
    with suppress(URLError, OSError):
        return cluster.shown()
    return Counter()


def _more(found: Counter[str]) -> int:
    return sum(number - 1 for number in found.values())


def _kill(cluster: Cluster, _: OwnServer, chance: random.Random) -> float:
    victim = chance.choice([name for name in cluster.running if name.startswith("w")])
    moment = time.time()
    cluster.kill(victim)
    time.sleep(_RECOVERY_S)  # the others have to do without it
    cluster.start(victim, "worker")
    return moment


def _pause(cluster: Cluster, _: OwnServer, chance: random.Random) -> float:
    victim = chance.choice([name for name in cluster.running if name.startswith("w")])
    moment = time.time()
    cluster.signal(victim, signal.SIGSTOP)
    time.sleep(chance.uniform(*_PAUSES_S))
    cluster.signal(victim, signal.SIGCONT)
    return moment


def _kill_scheduler(cluster: Cluster, _: OwnServer, chance: random.Random) -> float:
    """Kill schedulers in their rounds until it was the one that had the round."""
    while True:
        _wait_for_round(cluster)
        moment = time.time()
        victim = chance.choice(["s0", "s1"])
        cluster.kill(victim)
        time.sleep(_PICKED_S)
        held = cluster.rows("SELECT 1 FROM pgqueuer_schedules WHERE status = 'picked'")
        late = cluster.rows(
            "SELECT 1 FROM pgqueuer_schedules WHERE heartbeat < now() - interval '1.4 s'"
        )
        cluster.start(victim, "worker", "--role", "schedule")
        if held and late:
            return moment


def _wait_for_round(cluster: Cluster) -> None:
    end = time.monotonic() + _PATIENCE_S
    query = "SELECT 1 FROM pgqueuer_schedules WHERE status = 'picked'"
    while time.monotonic() < end and not cluster.rows(query):
        pass


def _restart(how: Shutdown) -> Callable[[Cluster, OwnServer, random.Random], float]:
    def restart(_: Cluster, server: OwnServer, chance: random.Random) -> float:
        moment = time.time()
        server.stop(how)
        time.sleep(chance.uniform(0, 5))
        server.start()
        return moment

    return restart


_ALL = [
    ("daemon", ("run", "--role", "schedule")),
    *((f"w{number}", ("worker",)) for number in range(_WORKERS)),
]
_ELECTED = [
    ("daemon", ("run", "--role", "publish")),
    *((f"s{number}", ("worker", "--role", "schedule")) for number in range(2)),
    *((f"w{number}", ("worker", "--role", "poll", "--role", "publish")) for number in range(3)),
]
TROUBLES = [
    Trouble("a worker killed with -9", _kill, 6, _ALL),
    Trouble("a worker paused for 20 to 60 s", _pause, 4, _ALL),
    Trouble("the scheduler killed with -9 in its round", _kill_scheduler, 3, _ELECTED),
    Trouble("PostgreSQL restarted, fast", _restart(Shutdown.FAST), 2, _ALL),
    Trouble("PostgreSQL restarted, immediate", _restart(Shutdown.IMMEDIATE), 2, _ALL),
]
