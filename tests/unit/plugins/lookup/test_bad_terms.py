# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a template gives to the lookup: codes, or an error in words that shows no secret."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible.errors import AnsibleError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.lookup import totp
from ansible_collections.rackspace.identity.tests.unit.plugins.bad_input import CANARY, values, with_canary
from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import LOOKUP_OPTIONS, look_up

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
OPTIONS = sorted(set(LOOKUP_OPTIONS) - {"_terms"})
GOOD_TERMS = (
    SECRET,
    f"otpauth://totp/Rackspace:jo?secret={SECRET}&issuer=Rackspace",
    {"secret": SECRET, "step_offset": -1},
)


def no_wait(_seconds: float) -> None:
    raise AssertionError("It waits, although the time is given.")


class Told(list[str]):
    """Takes the place of core's display."""

    warning = v = list.append


def look_up_quietly(terms: list[Any], options: dict[str, Any]) -> list[Any] | str:
    """Return the answers, or the words of the refusal; warnings are words, too."""
    with pytest.MonkeyPatch.context() as patch:
        told = Told()
        patch.setattr(totp, "display", told)
        try:
            return look_up(terms, {"at": 59, **options}, time.time, no_wait)
        except AnsibleError as error:
            return str(error)
        finally:
            assert CANARY not in str(told)


@settings(deadline=None)
@given(st.lists(values.map(with_canary), min_size=1, max_size=3))
def test_any_term(terms: list[Any]) -> None:
    outcome = look_up_quietly(terms, {})
    assert CANARY not in str(outcome)
    assert outcome or not any(terms)


@settings(deadline=None)
@example(GOOD_TERMS[0], {"algorithm": "\ud800"})
@given(st.sampled_from(GOOD_TERMS), st.dictionaries(st.sampled_from(OPTIONS), values, min_size=1, max_size=3))
def test_any_option(term: Any, options: dict[str, Any]) -> None:
    outcome = look_up_quietly([term], options)
    assert SECRET not in str(outcome)
    if isinstance(outcome, str):
        assert any(option in outcome for option in OPTIONS) or "digits" in outcome, outcome
    else:
        assert [len(answer["code"] if isinstance(answer, dict) else answer) for answer in outcome] in ([6], [7], [8])


@pytest.mark.parametrize("value", [CANARY, [CANARY], {"secret": CANARY}])
def test_a_secret_in_the_wrong_place_is_not_repeated(value: Any) -> None:
    outcome = look_up_quietly([SECRET], {"algorithm": value})
    assert "algorithm" in str(outcome)
    assert CANARY not in str(outcome)
