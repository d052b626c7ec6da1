# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes out of a template, as plain data."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import plain


class Encrypted:
    """As the encrypted strings of all cores: no string, and decrypted by being asked for its text."""

    def __str__(self) -> str:
        return "decrypted"


@pytest.mark.parametrize("value", [wrap_var("decrypted"), Encrypted()], ids=["marked as unsafe", "encrypted"])
def test_strings_of_any_sort_become_plain_ones(value: Any) -> None:
    for answer in (plain(value), plain({"secret": value})["secret"]):
        assert answer == "decrypted"
        assert answer.__class__ is str


@pytest.mark.parametrize("value", [None, True, 7, 0.5, b"x", ["x"]])
def test_what_is_no_secret_stays_as_it_is(value: Any) -> None:
    assert plain(value) is value
