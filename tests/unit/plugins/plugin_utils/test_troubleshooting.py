# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages of the guide to troubleshooting are those that the collection says, each made for real.

A block of the guide is a snapshot: it has the name of a trouble (`message-NAME`) and stands in the section of its kind.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import IdentityError
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import named
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import in_memory
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.troubles_of_accounts import OF_ACCOUNTS
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.troubles_of_places import OF_PLACES
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.troubles_on_the_way import ON_THE_WAY

GUIDE = Path(__file__).parents[4] / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"
NO_KIND = "no kind"
TROUBLES = sorted({*ON_THE_WAY, *OF_ACCOUNTS, *OF_PLACES})

_TITLE = re.compile(r"^``(\w+)``\n-+$|^(No kind).*\n-+$", re.MULTILINE)
_BLOCK = re.compile(r"^ *\.\. code-block:: text\n +:name: message-(\S+)\n\n((?: +\S.*\n)+)", re.MULTILINE)


class Message(NamedTuple):
    """What a failed task says."""

    kind: str
    text: str


def blocks() -> Iterator[tuple[str, Message]]:
    """The messages in the guide, by their names."""
    parts = _TITLE.split(GUIDE.read_text(encoding="utf-8"))
    for kind, no_kind, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        for name, message in _BLOCK.findall(text):
            yield name, Message(kind or no_kind.lower(), " ".join(message.split()))


def produced(name: str, folder: Path) -> Message:
    """Make the trouble, and return what the task says, without what differs between machines."""
    with pytest.raises((IdentityError, ValueError, RuntimeError)) as caught:
        _make(name, folder)
    error = caught.value
    return Message(error.kind if isinstance(error, IdentityError) else NO_KIND, _everywhere(named(str(error)), folder))


def _make(name: str, folder: Path) -> None:
    if name in OF_ACCOUNTS:
        with in_memory(folder) as bench:
            OF_ACCOUNTS[name](bench)
    else:
        (ON_THE_WAY | OF_PLACES)[name](folder)


def _everywhere(text: str, folder: Path) -> str:
    text = text.replace(str(folder), "/srv/mfa").replace(sys.executable, "/usr/bin/python3")
    text = re.sub(r"https?://(127\.0\.0\.1:\d+|no-such-host\.invalid)", "https://identity.example.com", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "2026-01-31 12:00:00 UTC", text)
    text = re.sub(r"process \d+ on \S+ since", "process 4711 on control since", text)
    return text.replace("the shelf", "the variable rax_mfa_otp in /srv/mfa/mfa.yml")


def test_every_kind_has_a_section_and_every_section_is_of_a_kind() -> None:
    found = {match[1] or match[2].lower() for match in _TITLE.finditer(GUIDE.read_text(encoding="utf-8"))}
    assert found == {NO_KIND, *_kinds(IdentityError)}
    assert {message.kind for _name, message in blocks()} == found


def _kinds(family: type[IdentityError]) -> set[str]:
    return {family.kind}.union(*map(_kinds, family.__subclasses__()))


def test_every_trouble_has_one_block_and_every_block_is_of_a_trouble() -> None:
    assert sorted(name for name, _message in blocks()) == TROUBLES
    assert len(TROUBLES) == len(ON_THE_WAY) + len(OF_ACCOUNTS) + len(OF_PLACES)


@pytest.mark.parametrize("name", TROUBLES)
def test_the_guide_has_the_message(name: str, tmp_path: Path) -> None:
    assert produced(name, tmp_path) == dict(blocks())[name]
