import json
from pathlib import Path

import pytest

from aggregator.config.load import load_with
from aggregator.config.roads import has_alarms, roads_of
from aggregator.config.secrets import secrets_of
from aggregator.errors import ConfigError
from aggregator.model import RoadKind, RoadSource

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = f'name = "ops"\nurl = "https://hooks.example/t/Xk29fQ7pLm3Zr8vB1cWd"\nsecret = "{SECRET}"\noutput = "all"\n'
MORNING = '[[outputs]]\nname = "all"\n[[outputs]]\nname = "morning"\naliases = ["dawn"]\ndigest = "0 7 * * *"\n'
SMTP = '[smtp]\nhost = "mail.example"\nsender = "News <news@example.com>"\n'


def config(text: str):  # type: ignore[no-untyped-def]
    return load_with(Path("a.toml"), {}, lambda path: text.encode())


def faults(text: str) -> str:
    with pytest.raises(ConfigError) as failed:
        config(text)
    return "\n".join(f"{one.where} {one.message}" for one in failed.value.faults)


def test_roads_are_one_for_each_output_and_service() -> None:
    found = roads_of(config(
        f'{MORNING}{SMTP}[[webhooks]]\n{HOOK.replace(chr(34) + "all" + chr(34), json.dumps(["all", "morning"]))}'
        '[[notifications]]\nname = "phones"\nurl = ["ntfy://a/x", "ntfy://b/y"]\noutput = "all"\nalarms = true\n'
        '[[mails]]\nname = "me"\nto = "ann@example.com"\noutput = "morning"\n'
    ))  # fmt: skip
    shown = {(key.kind, key.name, key.output, road.wanted.source) for key, road in found.items()}
    assert shown == {
        (RoadKind.WEBHOOK, "ops", "all", RoadSource.LOG),
        (RoadKind.WEBHOOK, "ops", "morning", RoadSource.EDITIONS),
        (RoadKind.NOTIFICATION, "phones", "all", RoadSource.LOG),
        (RoadKind.NOTIFICATION, "phones", "", RoadSource.ALARMS),
        (RoadKind.NOTIFICATION, "phones.2", "all", RoadSource.LOG),
        (RoadKind.NOTIFICATION, "phones.2", "", RoadSource.ALARMS),
        (RoadKind.MAIL, "me", "morning", RoadSource.EDITIONS),
    }
    assert has_alarms(config(f'{SMTP}[[mails]]\nname = "me"\nto = "a@b.c"\nalarms = true\n'))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"[[webhooks]]\n{HOOK}[[webhooks]]\n{HOOK}", "a name of its own"),
        (f'[[webhooks]]\n{HOOK.replace("all", "none")}', "the name of an output: `all`"),
        (f'[[webhooks]]\n{HOOK.replace("https", "ftp")}', "starts with http://"),
        (f'[[webhooks]]\n{HOOK}timeout = "2m"', "at most 60 s"),
        (f'[[webhooks]]\n{HOOK}events = ["alarm"]', "`enter`, `update` or `withdraw`"),
        ('[[notifications]]\nname = "n"\nurl = "ntfy://x/y"\n', "an output, or `alarms = true`"),
        ('[[notifications]]\nname = "n"\nurl = "ntfy://x/y"\noutput = "all"\ntitle = "{secret}"', "{title}"),
        ('[[mails]]\nname = "m"\nto = "a@b.c"\noutput = "all"', "`host` in `[smtp]`"),
        (f'{SMTP}[[mails]]\nname = "m"\nto = "a@b.c"\noutput = "all"', "an output with a `digest`"),
        (f'{SMTP}[[mails]]\nname = "m"\nto = "a@b.c\\r\\nBcc: x@y.z"\nalarms = true', "an address such as"),
        (f'{SMTP}[[mails]]\nname = "m"\nto = "a@b.c"\nalarms = true\nunsubscribe = "https://x/>\\n"', "mailto:"),
        ('[smtp]\nhost = "mail.example"\n', "beside `host`"),
        (f'{SMTP}security = "none"\npassword = "hunter2hunter2"', "unencrypted"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_with_its_place(text: str, told: str) -> None:
    assert told in faults(text)


def test_no_fault_tells_a_secret() -> None:
    said = faults(
        '[[webhooks]]\nname = "ops"\nurl = "ftp://hooks.example/sEcReT1"\nsecret = ["whsec_sEcReT2"]\noutput = "all"\n'
        '[[notifications]]\nname = "n"\nurl = [5, "tgram://sEcReT3"]\noutput = "none"\n'
        '[smtp]\npassword = 5\nuser = ["sEcReT4"]\nsecurity = "none"\n'
    )
    assert "sEcReT" not in said


def test_without_the_extra_a_notification_is_refused_and_the_extra_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("aggregator.config.settings.delivery_settings.find_spec", lambda _: None)
    said = faults('[[notifications]]\nname = "n"\nurl = "ntfy://x/y"\noutput = "all"\n')
    assert "a.toml:3" in said
    assert "pip install 'aggregator[notify]'" in said
    config(f"[[webhooks]]\n{HOOK}")  # which needs none


def test_secrets_are_known_as_such() -> None:
    found = secrets_of(config(
        f'{SMTP}user = "who12345"\npassword = "hunter2hunter2"\n[[webhooks]]\n{HOOK}'
        '[[notifications]]\nname = "n"\nurl = "ntfy://u:pAsSw0rd99@h/topic"\noutput = "all"\n'
    ).settings)  # fmt: skip
    assert {SECRET, "hunter2hunter2", "who12345", "pAsSw0rd99", "Xk29fQ7pLm3Zr8vB1cWd"} <= found
