"""A made-up next release of this program: a copy with two migrations more, one of each phase.

The first adds a table, columns, an index and a counter; the second drops a column that this release
reads and writes, and the copy does not. It also rests its outputs on another choice than this release.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aggregator import __version__
from aggregator.store.db.migrations import script_folder
from aggregator.store.db.tables import REVISION
from tests.support.commands import REPOSITORY, environment
from tests.support.patience import patience

RELEASE, EXPANDED, CONTRACTED = "99.0.0", "9001", "9002"

EXPAND = f'''"""Adds what the release before can ignore."""

import sqlalchemy as sa
from alembic import op

revision = "{EXPANDED}"
down_revision = "{REVISION}"
branch_labels = None
depends_on = None
phase = "expand"
lost = "the marks that the next release makes"


def upgrade() -> None:
    op.create_table("next_marks", sa.Column("id", sa.BigInteger(), primary_key=True))
    op.add_column("feeds", sa.Column("next_mark", sa.Text()))
    op.add_column("entries", sa.Column("next_mark", sa.Text(), nullable=False, server_default="-"))
    op.create_index("ix_entries_next_mark", "entries", ["next_mark"])
    op.execute("INSERT INTO counters (name, value) VALUES ('next', 1)")


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'next'")
    op.drop_index("ix_entries_next_mark", "entries")
    op.drop_column("entries", "next_mark")
    op.drop_column("feeds", "next_mark")
    op.drop_table("next_marks")
'''
CONTRACT = f'''"""Drops what the release before needs."""

import sqlalchemy as sa
from alembic import op

revision = "{CONTRACTED}"
down_revision = "{EXPANDED}"
branch_labels = None
depends_on = None
phase = "contract"
works_with = "{EXPANDED}"
lost = "by which release the outputs were made"


def upgrade() -> None:
    op.drop_column("renderings", "release")


def downgrade() -> None:
    op.add_column("renderings", sa.Column("release", sa.Text()))
'''

# File → what stands there, and what the next release has in its place.
_CHANGES = {
    "__init__.py": [(f'"{__version__}"', f'"{RELEASE}"')],
    "store/db/tables.py": [
        (f'REVISION = "{REVISION}"', f'REVISION = "{CONTRACTED}"'),
        ('    Column("release", Text),  # of the program that made it …\n', ""),
    ],
    "store/outputs/items.py": [
        ('        "release": maker.release,\n', ""),
        ('Maker(row.release or "", ', 'Maker("", '),
    ],
    "config/choices/of_selection.py": [("    choice = (sorted(", '    choice = ("next", sorted(')],
}


def scripts(folder: Path) -> Path:
    """The folder of this release's migrations, copied to ``folder``, with the two of the next one."""
    copied = folder / "alembic"
    shutil.copytree(script_folder(), copied)
    (copied / "versions" / f"{EXPANDED}_expand.py").write_text(EXPAND, encoding="utf-8")
    (copied / "versions" / f"{CONTRACTED}_contract.py").write_text(CONTRACT, encoding="utf-8")
    return copied


def next_release(folder: Path) -> Path:
    """Make the next release in ``folder``, to be put into ``PYTHONPATH``."""
    shutil.copytree(REPOSITORY / "aggregator", folder / "aggregator")
    scripts(folder)
    for name, changes in _CHANGES.items():
        file = folder / "aggregator" / name
        text = file.read_text(encoding="utf-8")
        for before, after in changes:
            assert text.count(before) == 1, f"{name} has {before!r} no more: adapt this release"
            text = text.replace(before, after)
        file.write_text(text, encoding="utf-8")
    return folder


@dataclass(frozen=True, slots=True)
class Next:
    """The next release at ``place``, run in ``folder`` with ``config``."""

    place: Path
    folder: Path
    config: Path

    @asynccontextmanager
    async def running(self, *command: str, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
        """A command that goes on, killed at the end if it still runs."""
        with log.open("ab") as out:
            process = await self._begun(command, out, out)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def call(self, *command: str) -> tuple[int, str, str]:
        """A command that ends: exit status, output, errors."""
        process = await self._begun(command, asyncio.subprocess.PIPE, asyncio.subprocess.PIPE)
        async with patience():
            out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def _begun(
        self, command: tuple[str, ...], out: object, err: object
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "aggregator", "--config", str(self.config), *command,
            cwd=self.folder, env=environment() | {"PYTHONPATH": str(self.place)},
            stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=err,  # type: ignore[arg-type]
        )  # fmt: skip
