"""Delays from publication to discovery over real feeds' histories: the cadence beside a fixed interval and others.

``python -m bench cadence FOLDER`` replays ``FOLDER/feeds.json``, a list of feeds, each a list of its entries'
publication times (Unix seconds). A policy sees what a daemon would have seen. The first half of a
feed's entries is history, the second half (at most 28 days) is judged. Each policy is scaled until the
feeds' polls an hour average as said. Feeds whose second half spans less than a day say nothing of a
policy that is to be judged over days, and are left out.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median

from aggregator.schedule.cadence import Policy, adaptive_interval
from aggregator.schedule.habits import entry_rate

DAY_S = 86_400.0
JUDGED_S = 28 * DAY_S
SHORTEST, LONGEST = 300.0, DAY_S
JITTER = 0.05
LISTED = 64  # of a feed's entries are known to a policy, as in the database
STEPS = 10  # of the search for the scale, each halving it

Waits = Callable[[Sequence[float], float, float], float]
"""Seconds to the next poll: from the times known (ascending), the time, and the scale."""


@dataclass(frozen=True, slots=True)
class Replay:
    """One feed under a policy."""

    polls_an_hour: float
    delay: float  # mean, in minutes
    rate: float  # entries a second, in what is judged


def replay(times: Sequence[float], waits: Waits, scale: float, seed: int) -> Replay | None:
    """The second half of ``times``, polled; None where it spans less than a day."""
    half = len(times) // 2
    start = times[half - 1]
    end = min(times[-1], start + JUDGED_S)
    if end - start < DAY_S or times[half] > end:
        return None
    chance = random.Random(seed)
    now, known, polls = start, half, 0
    delays: list[float] = []
    while now < end:
        wait = waits(times[max(0, known - LISTED) : known], now, scale)
        now += min(max(wait, SHORTEST), LONGEST) * (1 + chance.uniform(-JITTER, JITTER))
        polls += 1
        while known < len(times) and times[known] <= now:
            if times[known] <= end:
                delays.append((now - times[known]) / 60)
            known += 1
    span = end - start
    return Replay(polls / span * 3600, mean(delays), len(delays) / span)


def fixed(known: Sequence[float], now: float, scale: float) -> float:  # noqa: ARG001 - all policies take these
    """The same interval for all feeds."""
    return scale


def weekly_count(known: Sequence[float], now: float, scale: float) -> float:
    """A week divided by the entries of the last one (Miniflux's entry_frequency, scaled)."""
    count = sum(1 for when in known if when > now - 7 * DAY_S)
    return 7 * DAY_S / count * scale / 3600 if count else LONGEST


def root_of_rate(known: Sequence[float], now: float, scale: float) -> float:
    """The interval with 1 / sqrt(rate), blind for hours."""
    return scale / math.sqrt(entry_rate(known, datetime.fromtimestamp(now, UTC)))


def ours(known: Sequence[float], now: float, scale: float) -> float:
    """The cadence of this project, stretched."""
    policy = Policy(timedelta(seconds=SHORTEST), timedelta(seconds=LONGEST), scale / SHORTEST)
    return adaptive_interval(known, datetime.fromtimestamp(now, UTC), policy).total_seconds()


POLICIES: dict[str, Waits] = {
    "fixed": fixed,
    "1/sqrt(rate)": root_of_rate,
    "weekly count": weekly_count,
    "ours": ours,
}


def judged(
    feeds: Sequence[Sequence[float]], waits: Waits, scale: float
) -> tuple[float, float, float]:
    """Polls an hour and feed, mean delay weighted by rate, and median over feeds, in minutes."""
    found = [one for seed, times in enumerate(feeds) if (one := replay(times, waits, scale, seed))]
    weight = sum(one.rate for one in found)
    weighted = sum(one.delay * one.rate for one in found) / weight
    return mean(one.polls_an_hour for one in found), weighted, median(one.delay for one in found)


def scaled(feeds: Sequence[Sequence[float]], waits: Waits, budget: float) -> tuple[float, float]:
    """The delays of a policy at ``budget`` polls an hour and feed: see :func:`judged`."""
    low, high = math.log(10), math.log(100 * DAY_S)
    for _ in range(STEPS):
        middle = (low + high) / 2
        if judged(feeds, waits, math.exp(middle))[0] > budget:
            low = middle
        else:
            high = middle
    _, weighted, of_median = judged(feeds, waits, math.exp(high))
    return weighted, of_median


def main(folder: str) -> None:
    """Print the delays of each policy, as shares of the fixed interval's at the same polls."""
    stored = json.loads((Path(folder) / "feeds.json").read_bytes())
    feeds = [sorted(when for when in times if when > 0) for times in stored]
    usable = [times for times in feeds if len(times) > 3]
    for budget in (1.0, 0.5):
        print(
            f"cadence: {budget:g} polls an hour and feed; delay weighted by rate, median over feeds"
        )
        base = scaled(usable, fixed, budget)
        for name, waits in POLICIES.items():
            weighted, of_median = scaled(usable, waits, budget)
            print(
                f"  {name:<14}{weighted:7.1f} min {of_median:7.1f} min"
                f"   of fixed {weighted / base[0]:.2f}, {of_median / base[1]:.2f}",
                flush=True,
            )
    shipped = Policy(timedelta(hours=1), timedelta(days=1))

    def as_shipped(known: Sequence[float], now: float, _: float) -> float:
        return adaptive_interval(known, datetime.fromtimestamp(now, UTC), shipped).total_seconds()

    polls, weighted, of_median = judged(usable, as_shipped, 1.0)
    base = scaled(usable, fixed, polls)
    print(
        f"cadence: as shipped (1 h to 1 d), {polls:.2f} polls an hour and feed: {weighted:.1f} min, "
        f"{of_median:.1f} min; of fixed at as many polls {weighted / base[0]:.2f}, {of_median / base[1]:.2f}"
    )
