from datetime import timedelta

from aggregator.deliver.alarms import backlog_alarm, changes, delivery_alarms, disk_alarm
from aggregator.model import Alarm, RoadKind, RoadStatus
from tests.support.roads import AT

HOUR = timedelta(hours=1)
ALL = ("feed:", "backlog", "disk:here:")


def road(**fields: object) -> RoadStatus:
    given = {
        "kind": RoadKind.WEBHOOK, "name": "ops", "output": "all", "waiting": 0, "sent": 0, "sent_at": None,
        "failures": 0, "failing_since": None, "next_at": AT, "error": None, "disabled": None, "dead_letters": 0,
    }  # fmt: skip
    return RoadStatus(**given | fields)  # type: ignore[arg-type]


def test_an_alarm_begins_once_and_is_over_once() -> None:
    one = Alarm("feed:1", "broke")
    assert changes((), [one], ALL).begun == (one,)
    assert changes({"feed:1"}, [one], ALL).begun == ()
    assert changes({"feed:1"}, [], ALL).over == ("feed:1",)


def test_what_another_machine_knows_is_not_over_here() -> None:
    assert changes({"disk:there:/x", "disk:here:/x"}, [], ALL).over == ("disk:here:/x",)


def test_bounds() -> None:
    assert list(backlog_alarm(AT - 2 * HOUR, HOUR, AT))
    assert not list(backlog_alarm(AT - 2 * HOUR, timedelta(), AT))
    assert not list(backlog_alarm(None, HOUR, AT))
    assert list(disk_alarm("disk", "/x", 99, 100, stands=False))
    assert not list(disk_alarm("disk", "/x", 105, 100, stands=False))
    assert list(disk_alarm("disk", "/x", 105, 100, stands=True))  # it would come and go
    assert not list(disk_alarm("disk", "/x", 111, 100, stands=True))
    assert not list(disk_alarm("disk", "/x", 0, 0, stands=False))


def test_roads_that_are_off_or_gave_something_up() -> None:
    assert not list(delivery_alarms([road(), road(failures=3, error="answered 500")]))
    off, given_up = delivery_alarms([road(disabled="answered 410"), road(dead_letters=2)])
    assert "off: answered 410" in off.text
    assert "aggregator deliver retry ops" in given_up.text
