# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a template gives to a filter, any of them: a value, or an error in words that shows no secret."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.tests.unit.plugins.bad_input import CANARY, values, with_canary

PLUGINS = Path(__file__).resolve().parents[4] / "plugins" / "filter"
PACKAGE = "ansible_collections.rackspace.identity.plugins.filter"
FILTERS = {
    name: function
    for path in sorted(PLUGINS.glob("*.py"))
    for name, function in importlib.import_module(f"{PACKAGE}.{path.stem}").FilterModule().filters().items()
}
URI = "otpauth://totp/Rackspace:jo?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Rackspace"


def answer(name: str, value: Any, **options: Any) -> Any:
    """Return what the filter makes of it, or the words of its refusal."""
    try:
        return FILTERS[name](value, **options)
    except AnsibleError as error:
        return f"refused: {error}"


@pytest.mark.parametrize("name", FILTERS)
@settings(deadline=None)
@given(value=values.map(with_canary))
def test_any_value(name: str, value: Any) -> None:
    outcome = str(answer(name, value))
    assert outcome.startswith(f"refused: {name}") or not outcome.startswith("refused")
    assert CANARY not in outcome or not outcome.startswith("refused")


@pytest.mark.parametrize("name", FILTERS)
@settings(deadline=None)
@given(data=st.data())
def test_any_option(name: str, data: st.DataObject) -> None:
    options = list(inspect.signature(FILTERS[name]).parameters)[1:]
    given_options = {option: data.draw(values) for option in options if data.draw(st.booleans())}
    assert answer(name, URI, **given_options)


@pytest.mark.parametrize("name", FILTERS)
def test_an_option_that_there_is_not_is_refused(name: str) -> None:
    assert (
        answer(name, URI, size=CANARY)
        == f"refused: {name} has no option size. Correct the name: ansible-doc shows them."
    )
