# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values are text, and which options must be."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC
from ansible_collections.rackspace.identity.plugins.plugin_utils.given_text import not_text

SPEC = AUTH_SPEC.merged(TARGET_SPEC).argument_spec
IDS = ("user_id", "target_user_id", "tenant_id")
NAMES = ("username", "target_user", "tenant_name", "password", "api_key", "auth_token")


class Encrypted:
    """As an encrypted string of ansible-core: no `str`, and with its methods."""

    def casefold(self) -> str:
        """Return the text."""
        return "ann"


@pytest.mark.parametrize("name", [*NAMES, *IDS])
@pytest.mark.parametrize("value", ["0123", "", None, wrap_var("1_6"), Encrypted()])
def test_text_is_taken(name: str, value: Any) -> None:
    assert not_text(SPEC, {name: value}) is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0o123, 0, True, 1.0, ["ann"], [], {"name": "ann"}, {}, date(2026, 1, 3), b"ann"])
def test_anything_else_is_no_name(name: str, value: Any) -> None:
    assert not_text(SPEC, {name: value}) == name


@pytest.mark.parametrize("name", IDS)
def test_an_id_may_be_a_whole_number(name: str) -> None:
    assert not_text(SPEC, {name: 10012345}) is None
    for wrong in (True, 1e5, ["1"]):
        assert not_text(SPEC, {name: wrong}) == name


def test_the_first_one_is_told() -> None:
    assert not_text(SPEC, {"target_user": 1, "username": 2}) == "username"


def test_options_of_a_store_are_looked_at_too() -> None:
    assert not_text(SPEC, {"store": {"type": "command", "argv": ["keep"], "key": 0o123}}) == "store.key"
    assert not_text(SPEC, {"store": {"type": "pass", "name": "mfa/ann"}}) is None
    assert not_text(SPEC, {"store": "path=mfa.yml"}) is None


def test_options_of_other_types_are_not_its_matter() -> None:
    given = {"timeout": 5, "validate_certs": True, "otp_secret": {"secret": "x"}, "use": 1, "state_dir": 5, "other": 1}
    assert not_text(SPEC, given) is None
