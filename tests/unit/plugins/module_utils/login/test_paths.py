# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths that no file can have, and those that none has yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.paths import usable_path


def test_a_path_is_returned_whether_or_not_there_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "file").touch()
    for name in ("file", "no-file", "no-folder/file", "file/below-a-file"):
        assert usable_path("ca_path", f"~/{name}") == tmp_path / name
    assert usable_path("ca_path", "relative") == Path("relative")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 300, r"O\(ca_path\) cannot be used: File name too long"),
        ("a\x00b", r"O\(ca_path\) is not a path"),
        ("~nobody-of-that-name/x", r"O\(ca_path\) is not a path"),
    ],
)
def test_a_path_that_no_file_can_have_is_refused(text: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        usable_path("ca_path", text)
