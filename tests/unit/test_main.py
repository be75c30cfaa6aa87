"""The entry point: what holds before anything is imported."""

from __future__ import annotations

import signal

import pytest

from aggregator import __main__ as entry_point


@pytest.mark.parametrize(
    ("arguments", "handler"), [(["run"], signal.SIG_IGN), (["status"], signal.SIG_DFL)]
)
def test_a_reload_during_the_start_ends_no_daemon(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], handler: signal.Handlers
) -> None:
    found = []
    monkeypatch.setattr("sys.argv", ["aggregator", *arguments])
    monkeypatch.setattr(
        "aggregator.cli.main.main", lambda: found.append(signal.getsignal(signal.SIGHUP))
    )
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        entry_point.main()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert found == [handler]
