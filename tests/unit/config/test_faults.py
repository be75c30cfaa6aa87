"""Every fault is one clear line: where, what, what was expected, and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.load import load, load_with
from aggregator.config.settings import Settings
from aggregator.errors import ConfigError


def faults(text: str, env: dict[str, str] | None = None, **files: str) -> list[str]:
    """``place: message`` of each fault in a config file ``c.toml`` that holds ``text``."""
    contents = {"c.toml": text} | {name.replace("_", "."): body for name, body in files.items()}

    def read(path: Path) -> bytes:
        if str(path) not in contents:
            raise FileNotFoundError(2, "No such file or directory")
        return contents[str(path)].encode("utf-8", "surrogateescape")

    with pytest.raises(ConfigError) as caught:
        load_with(Path("c.toml"), env or {}, read)
    return [f"{fault.where}: {fault.message}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("\n[server]\nprot = 1\n", "c.toml:3: unknown key `prot` in `server`; did you mean `port`?"),
        ("[servr]\nport = 1\n", "c.toml:1: unknown key `servr`; did you mean `server`?"),
        ("port = 1\n", "c.toml:1: unknown key `port`; it belongs under `[server]` or `[worker]` or `[smtp]`"),
        (
            """[[feeds]]\nurl = "https://a.example/"\nfilter = 'words > 9'\n""",
            (
                'c.toml:3: feed 1: `filter` = "words > 9": expected an expression; column 1: `words` is known '
                "only when the entry has its text, after its page was fetched; here are: title, author, url, "
                "domain, feed, feed_id, categories, tags, summary, published, discovered, enclosures, seconds"
            ),
        ),
        (
            """[[rules]]\nwhen = 'titel == ""'\ndrop = true\n""",
            (
                'c.toml:2: rule 1: `when` = "titel == \\"\\"": expected an expression; column 1: no field '
                "`titel`; did you mean `title`?"
            ),
        ),
        (
            """[[rules]]\nwhen = 'true'\n""",
            'c.toml:2: rule 1: `when` = "true": expected `drop`, `extract`, `tags`, `category` or `rank` beside it',
        ),
        (
            """[[rules]]\nwhen = 'words > 9'\nextract = "never"\n""",
            (
                'c.toml:2: rule 1: `when` = "words > 9": expected an expression that fits beside `extract`; column 1: '
                "`words` is known only when the entry has its text, after its page was fetched; here are: title, "
                "author, url, domain, feed, feed_id, categories, tags, summary, published, discovered, enclosures, "
                "seconds"
            ),
        ),
        (
            """[[rules]]\nwhen = 'sources > 9'\ndrop = true\n""",
            (
                'c.toml:2: rule 1: `when` = "sources > 9": expected an expression; column 1: `sources` is known only '
                "when its story is known, in the `filter` of an output; here are: title, author, url, domain, feed, "
                "feed_id, categories, tags, summary, published, discovered, enclosures, seconds, text, words, language"
            ),
        ),
        (
            """[[rules]]\nwhen = 'true'\ndrop = true\nextract = "never"\n""",
            (
                'c.toml:4: rule 1: `extract` = "never": expected either `drop` or `extract`, not both'
            ),
        ),
        (
            """[[rules]]\nwhen = 'true'\ntags = ["fine 👩‍💻", ""]\n""",
            'c.toml:3: rule 1: `tags` item 2 = "": expected a tag of 1 to 200 characters',
        ),
        (
            """[[rules]]\nwhen = 'true'\ncategory = "a\\u0000b"\n""",
            'c.toml:3: rule 1: `category` = "a\\u0000b": expected text without control characters',
        ),
        (
            '[log]\ntitle = "x"\n',
            ("c.toml:2: unknown key `title` in `log`; it belongs at the top of the file, above the "
            "first `[section]`"),
        ),
        (
            "[log]\nzzz = 1\n",
            "c.toml:2: unknown key `zzz` in `log`; expected one of `level`, `format`",
        ),
        (
            '[server]\nport = "80"\n',
            'c.toml:2: `server.port` = "80": expected a whole number from 0 to 65535',
        ),
        (
            "[server]\nport = true\n",
            "c.toml:2: `server.port` = true: expected a whole number from 0 to 65535",
        ),
        (
            "[server]\nenabled = 1\n",
            "c.toml:2: `server.enabled` = 1: expected true or false, without quotes",
        ),
        ("title = 1\n", 'c.toml:1: `title` = 1: expected text in quotes, such as "…"'),
        (
            '[fetch]\ntimeout = "soon"\n',
            ('c.toml:2: `fetch.timeout` = "soon": expected a duration such as "30s", "15m", "2h", '
            '"7d" or a number of seconds'),
        ),
        (
            '[fetch]\nallow_networks = [\n "10.0.0.0/8",\n "x"]\n',
            ('c.toml:2: `fetch.allow_networks` item 2 = "x": expected a network such as '
            '"192.168.0.0/16", "fd00::/8" or "10.0.0.7"'),
        ),
        (
            'feeds_files = "feeds.opml"\n',
            'c.toml:1: `feeds_files` = "feeds.opml": expected a list of text, such as ["…"]',
        ),
        (
            '[extract]\nmode = "allways"\n',
            'c.toml:2: `extract.mode` = "allways": expected "auto" or "always" or "never"',
        ),
        (
            "log = 1\n",
            "c.toml:1: `log` = 1: expected a table: `[log]` and its settings below",
        ),
        (
            '[feeds]\nurl = "https://x/"\n',
            "c.toml:1: `feeds` = a table: expected tables, each under its own `[[feeds]]`",
        ),
        ('[[feeds]]\ntitle = "x"\n', "c.toml:1: feed 1: `url` is missing: The feed's address, http(s)."),
        (
            '[[feeds]]\nurl = "https://a/"\n[[feeds]]\nurl = "ftp://u:secret@x/"\n',
            ('c.toml:4: feed 2: `url` = "ftp://***@x/": expected an address that starts with '
            "http:// or https://"),
        ),
        (
            '[[feeds]]\nurl = "https://a/"\nevery = "1h"\ncron = "0 7 * * *"\n',
            'c.toml:4: feed 1: `cron` = "0 7 * * *": expected either `every` or `cron`, not both',
        ),
        (
            'timezone = "Europe/Berln"\n',
            ('c.toml:1: `timezone` = "Europe/Berln": expected the IANA name of a time zone such as '
            "`Europe/Berlin` or `UTC`; did you mean `Europe/Berlin`?"),
        ),
        (
            '[[feeds]]\nurl = "https://a/"\ntimezone = "../x"\ncron = "0 7 * * *"\n',
            ('c.toml:3: feed 1: `timezone` = "../x": expected the IANA name of a time zone such as '
            "`Europe/Berlin` or `UTC`"),
        ),
        (
            '[[feeds]]\nurl = "https://a/"\ncron = "0 7"\n',
            ('c.toml:3: feed 1: `cron` = "0 7": expected five cron fields (minute hour day month '
            "weekday) such as `0 7 * * *`"),
        ),
        (
            '[[feeds]]\nurl = "https://A/#x"\n[[feeds]]\nurl = "https://a"\n',
            "c.toml:4: duplicate feed https://a/: it is already at c.toml:2",
        ),
        (
            '[schedule]\nmax_interval = "30m"\n',
            "c.toml:1: `schedule.min_interval`: expected no more than `schedule.max_interval`",
        ),
        (
            '[[outputs]]\nname = "a"\n\n[[outputs]]\nname = "a"\n',
            'c.toml:5: output 2: `name` = "a": expected a name of its own; output 1 has the same one',
        ),
        (
            '[[outputs]]\nname = "A b"\n',
            ('c.toml:2: output 1: `name` = "A b": expected 1 to 64 lower-case letters, digits, `-` and '
            "`_`, starting with a letter or digit"),
        ),
        (
            '[[outputs]]\nname = "a"\nformats = []\n',
            "c.toml:3: output 1: `formats` = a list: expected at least one",
        ),
        (
            'base_url = "https://x/?a"\n',
            ('c.toml:1: `base_url` = "https://x/?a": expected an address that starts with http:// or '
            "https://, without user, query and fragment"),
        ),
        ('title = "x\n', "c.toml:1: not valid TOML, column 11: Illegal character '\\n'"),
        ('title = """x\n\n', "c.toml:3: not valid TOML: Unterminated string"),
        ("a = 1\na = 2\n", "c.toml:2: not valid TOML, column 6: Cannot overwrite a value"),
        ("# \udcff\n", "c.toml:1: not UTF-8 text; save the file as UTF-8"),
        (
            'feeds_files = ["nix.opml"]\n',
            "c.toml:1: `feeds_files`: nix.opml cannot be read: No such file or directory",
        ),
        (
            'feeds_files = ["https://u:p@a.example/x.opml"]\n',
            ("c.toml:1: `feeds_files`: https://***@a.example/x.opml is an address, not a file; "
            "name it as `url` in a table `[[opml]]`"),
        ),
        (
            '[[opml]]\nurl = "file:///x"\n',
            ('c.toml:2: reading list 1: `url` = "file:///x": expected an address that starts with '
            "http:// or https://"),
        ),
        (
            '[[opml]]\nurl = "https://a/"\n[[opml]]\nurl = "HTTPS://a"\n',
            ('c.toml:4: reading list 2: `url` = "HTTPS://a": expected a list of its own; reading '
            "list 1 is the same one"),
        ),
        (
            'title = { env = "NIX" }\n',
            "c.toml:1: the environment has no variable `NIX`",
        ),
        (
            '[database]\nurl = { file = "nix" }\n',
            "c.toml:2: the file nix cannot be read: No such file or directory",
        ),
    ],
)  # fmt: skip
def test_one_fault(text: str, fault: str) -> None:
    assert faults(text) == [fault]


@pytest.mark.parametrize(
    ("env", "fault"),
    [
        (
            {"AGGREGATOR_SERVER_PORT": "80"},
            (
                "AGGREGATOR_SERVER_PORT: no setting has this name; did you mean "
                "`AGGREGATOR_SERVER__PORT`?"
            ),
        ),
        (
            {"AGGREGATOR_SERVER__PORT": "many"},
            'AGGREGATOR_SERVER__PORT: `server.port` = "many": expected a whole number from 0 to 65535',
        ),
        (
            {"AGGREGATOR_DEDUPE__ENABLED": "maybe"},
            (
                'AGGREGATOR_DEDUPE__ENABLED: `dedupe.enabled` = "maybe": expected true or false, '
                "without quotes"
            ),
        ),
        (
            {"AGGREGATOR_OUTPUTS": "all"},
            ("AGGREGATOR_OUTPUTS: `outputs`: expected tables, each under its own `[[outputs]]`"),
        ),
        (
            {"AGGREGATOR_TITLE": "x", "AGGREGATOR_TITLE_FILE": "t.txt"},
            "AGGREGATOR_TITLE_FILE: AGGREGATOR_TITLE is set too; keep one of them",
        ),
        (
            {"AGGREGATOR_TITLE_FILE": "nix"},
            "AGGREGATOR_TITLE_FILE: the file nix cannot be read: No such file or directory",
        ),
        ({"AGGREGATOR_TITLE_FILE": "e.txt"}, "AGGREGATOR_TITLE_FILE: the file e.txt is empty"),
        (
            {"AGGREGATOR_QUX": "x"},
            "AGGREGATOR_QUX: no setting has this name; see docs/configuration.md",
        ),
    ],
)
def test_one_fault_in_the_environment(env: dict[str, str], fault: str) -> None:
    assert faults("", env, t_txt="x", e_txt=" \n") == [fault]


def test_all_faults_are_told_at_once_in_reading_order() -> None:
    found = faults(
        'feeds_files = ["f.opml"]\n[server]\nport = 0.5\n[[feeds]]\nurl = "https://a/"\n'
        '[[feeds]]\nurl = "x"\n[nix]\n',
        {"AGGREGATOR_LOG__LEVEL": "loud"},
        f_opml='<opml version="2.0"><body>\n<outline text="A" xmlUrl="https://a"/>\n'
        '<outline text="B" xmlUrl="y"/></body></opml>',
    )
    assert [line.partition(" ")[0] for line in found] == [
        "AGGREGATOR_LOG__LEVEL:",
        "c.toml:3:",
        "c.toml:7:",
        "c.toml:8:",
    ]


def test_strange_keys_stay_on_one_line() -> None:
    (found,) = faults('[server]\n"a\\nb\\u001b" = 1\n')
    assert found.startswith("c.toml:2: unknown key `a\\nb\\u001b` in `server`; expected one of ")


@pytest.mark.parametrize("depth", [100, 200, 300, 400, 500, 5000])
def test_deep_nesting_is_a_fault(depth: int) -> None:
    (found,) = faults("x = " + "[" * depth + "]" * depth)
    assert found in {
        "c.toml: values nested too deeply",
        "c.toml:1: unknown key `x`; expected one of "
        + ", ".join(f"`{name}`" for name in Settings.model_fields),
    }


def test_a_file_named_twice_is_one_fault_for_its_feeds() -> None:
    assert faults(
        'feeds_files = ["f.opml", "./f.opml"]\n',
        f_opml='<opml><body><outline xmlUrl="https://a/"/></body></opml>',
    ) == ["c.toml:1: `feeds_files` names f.opml twice"]


@pytest.mark.parametrize(
    ("text", "env"),
    [
        ('[database]\nurl = "mysql://u:hunter2@h/d"\n', {}),
        ('[database]\nurl = ["hunter2"]\n', {}),
        ("", {"AGGREGATOR_DATABASE__URL": "hunter2"}),
        ("", {"AGGREGATOR_SERVER__PORT_FILE": "s.txt"}),
        ('[[feeds]]\nurl = { env = "U" }\n', {"U": "gopher://hunter2/"}),
        ('[[feeds]]\nurl = "gopher://joe:hunter2@x/"\n', {}),
        ('[[feeds]]\nurl = "http://joe:hunter2@x/"\n[[feeds]]\nurl = "http://joe:hunter2@x"\n', {}),
    ],
)
def test_no_fault_shows_a_secret(text: str, env: dict[str, str]) -> None:
    found = faults(text, env, s_txt="hunter2")
    assert len(found) == 1
    assert "hunter2" not in found[0]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30))
def test_no_database_url_is_ever_shown(password: str) -> None:
    found = faults("", {"AGGREGATOR_DATABASE__URL": f"mysql://hunter2{password}@h/d"})
    assert "hunter2" not in "".join(found)


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nix\.toml: no such file; name one with --config FILE"):
        load(tmp_path / "nix.toml", {})
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path, {})


@pytest.mark.parametrize("words", ['[""]', '[" ", "x"]', '["a\\u0000b"]', '["a", "b\\u0000"]'])
def test_what_no_command_is_runs_after_nothing(words: str) -> None:
    (fault,) = faults(f"[publish]\nafter = {words}\n")
    assert fault.startswith("c.toml:2: `publish.after`")
    assert "expected the words of a command" in fault
