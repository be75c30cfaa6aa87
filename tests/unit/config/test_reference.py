"""The reference names every setting, and the document holds the reference."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.config.reference import (
    BEGIN,
    END,
    reference_tables,
    settings_reference,
    with_tables,
)
from aggregator.config.schema import ENV_CONFIG, FILE_SUFFIX, env_names
from aggregator.config.settings import (
    FeedSettings,
    MailSettings,
    NotificationSettings,
    OutputSettings,
    RuleSettings,
    Settings,
    WebhookSettings,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_document_is_up_to_date() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert with_tables(text) == text, "run: python -m aggregator.config.reference " + str(DOCUMENT)


@pytest.mark.parametrize("name", [*env_names(), ENV_CONFIG])
def test_every_environment_name_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCUMENT.read_text("utf-8")


def test_every_field_of_the_models_has_its_description() -> None:
    names = {setting.name for setting in settings_reference()}
    for name, field in Settings.model_fields.items():
        if name in {"feeds", "opml", "outputs", "rules", "webhooks", "notifications", "mails"}:
            continue
        inner = getattr(field.annotation, "model_fields", None)
        assert names.issuperset({f"{name}.{key}" for key in inner} if inner else {name})
    assert names.issuperset({f"feeds.{key}" for key in FeedSettings.model_fields})
    assert names.issuperset({f"outputs.{key}" for key in OutputSettings.model_fields})
    assert names.issuperset({f"rules.{key}" for key in RuleSettings.model_fields})
    assert names.issuperset({f"webhooks.{key}" for key in WebhookSettings.model_fields})
    assert names.issuperset({f"notifications.{key}" for key in NotificationSettings.model_fields})
    assert names.issuperset({f"mails.{key}" for key in MailSettings.model_fields})
    assert all(setting.description for setting in settings_reference())


def test_the_defaults_in_the_reference_are_valid_and_the_defaults(tmp_path: Path) -> None:
    lines: list[str] = []
    section = ""
    for name, _, default, _ in settings_reference():
        owner, _, key = name.rpartition(".")
        tables = {"feeds", "opml", "outputs", "rules", "webhooks", "notifications", "mails"}
        if name.partition(".")[0] in tables:
            continue
        if owner != section:
            lines.append(f"[{owner}]")
            section = owner
        lines.append(f"{key} = {default}")
    path = tmp_path / "c.toml"
    path.write_text("\n".join(lines), "utf-8")
    assert load(path, {}).settings == Settings()


def test_tables_are_put_between_the_marks() -> None:
    assert with_tables(f"a\n{BEGIN}\nold\n{END}\nz") == (
        f"a\n{BEGIN}\n\n{reference_tables()}\n\n{END}\nz"
    )
    with pytest.raises(ValueError, match="expected a document with"):
        with_tables("no marks")


def test_no_setting_ends_like_a_file_variable() -> None:
    assert not [name for name in env_names() if name.endswith(FILE_SUFFIX)]


def test_the_examples_in_the_document_are_toml() -> None:
    examples = [
        part.partition("```")[0] for part in DOCUMENT.read_text("utf-8").split("```toml\n")[1:]
    ]
    assert len(examples) >= 2
    for example in examples:
        assert tomllib.loads(example)
