# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users write into options by mistake, generated: values of wrong types, sizes and characters, at any depth."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

CANARY = "canary-7351"
"""In each text that is given to an option for a secret. No message may show it."""
_FOREIGN = ("RAX_", "OS_", "XDG_", "VAULT_", "BAO_", "PASSWORD_STORE")
"""Variables that name accounts, services and folders of the caller's own."""
TEXTS = (
    "",
    " ",
    "\t\r\n",
    "x" * (1 << 20),
    "\x00",
    "a\x00b",
    "\x1b[2J\x07",
    "\ud800",
    "a\udcffb",
    "\u202etxt",
    "ünïcödé",
    "٣٤٥٦٧٨",
    "{{ 1 / 0 }}",
    "{{ lookup('pipe', 'id') }}",
    "#jinja2: variable_start_string: '['",
    "!vault |",
    "../../x",
    "..",
    ".",
    "/",
    "~",
    "~nobody-of-that-name/x",
    "a-folder",
    "a-pipe",
    "a-link-to-itself",
    "a-link-to-zero",
    "no-folder/no-file",
    "x" * 300,
    "012345",
    "0",
    "-1",
    "1e999",
    "nan",
    "9" * 5000,
    "yes",
    "null",
    "[]",
    "{}",
    "otpauth://totp/x?secret=%00",
    "otpauth://[",
    "https://[",
    "https://a:b@c/",
    "http://example.com:99999",
)
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    12345,
    2**63,
    10**400,
    float("nan"),
    float("inf"),
    -1e308,
    b"bytes",
    b"\xff",
    datetime.date(2026, 1, 2),
    datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
    datetime.time(1, 2),
    [],
    [None],
    [[[]]],
    {},
    {"": None},
    {1: 2},
    {"secret": ["x"]},
    {"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "step_offset": "0", "next": [1]},
)
texts = st.one_of(st.sampled_from(TEXTS), st.text(st.characters(), max_size=20))
scalars = st.one_of(texts, st.sampled_from(OTHERS), st.integers(), st.floats())
values = st.one_of(
    scalars,
    st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
        max_leaves=4,
    ),
)
"""Anything that YAML, a variable or a filter can hand over."""


def up_to_three(options: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """One to three of the options, with values of theirs. What is drawn from is made once: that takes longer."""
    names = st.lists(st.sampled_from(sorted(options)), min_size=1, max_size=3, unique=True)

    @st.composite
    def chosen(draw: st.DrawFn) -> dict[str, Any]:
        return {name: draw(options[name]) for name in draw(names)}

    return chosen()


def with_canary(value: Any) -> Any:
    """Return the value of a secret option: every text in it can be found again."""
    if isinstance(value, str):
        return f"{value}{CANARY}"
    if isinstance(value, list):
        return [with_canary(item) for item in value]
    if isinstance(value, dict):
        return {key: with_canary(item) for key, item in value.items()}
    return value


def shown(value: Any) -> str:
    """Return what can be read of a result."""
    return json.dumps(value, default=str, ensure_ascii=False)


@contextlib.contextmanager
def away_from_home(folder: Path) -> Iterator[pytest.MonkeyPatch]:
    """Work in the folder, with what paths of `TEXTS` name; it is also the home of the user, who has nothing else."""
    (folder / "a-folder").mkdir()
    os.mkfifo(folder / "a-pipe")
    (folder / "a-link-to-itself").symlink_to("a-link-to-itself")
    (folder / "a-link-to-zero").symlink_to("/dev/zero")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder))
        patch.chdir(folder)
        yield patch


def content(folder: Path, *but: str) -> list[str]:
    """Return the names of all that lies in the folder."""
    found = []
    for item in os.scandir(folder):
        if item.name not in but:
            found.append(item.name)
            if item.is_dir(follow_symlinks=False):
                found += [f"{item.name}/{inner}" for inner in content(Path(item.path))]
    return sorted(found)
