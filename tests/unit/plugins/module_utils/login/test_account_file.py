# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A record that was spoiled is an error, and stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record

ATTEMPT = {"at": 1.0, "id": "mine", "typed": None, "wall": 1.0, "monotonic": 1.0, "settled": True, "refused": True}
GOOD = {
    "version": 1,
    "secrets": {"digest": {"last": 1, "offset": 0, "follows_verification": False}},
    "attempts": [
        {"at": 1.0, "id": "mine", "typed": None, "wall": 1.0, "monotonic": 1.0, "settled": True, "refused": True}
    ],
    "accepted": [{"at": 1.0, "id": "former", "typed": "digest", "wall": 1.0, "monotonic": 1.0, "settled": False}],
    "mfa_on_at": 1.0,
    "cleared_at": 1.0,
    "clock": {"lowest": 1.0, "highest": 1.0, "moment": 1.0, "wall": 1.0},
}
WRONG: dict[str, list[Any]] = {
    "last": [None, True, "1", 1.5, -1, 10**12, 10**400],
    "offset": [True, "0", 1, -2, 0.0, 0.5],
    "follows_verification": [None, 1, "true"],
    "at": [None, True, "1", 1e12, -1e12, 10**400, float("nan"), float("inf"), []],
    "wall": [False, "1", float("nan"), 1e300],
    "monotonic": [False, {}, float("-inf")],
    "id": [None, 1, ["mine"]],
    "typed": [1, True],
    "settled": [None, 0, "yes"],
    "refused": [None, 1, "no"],
    "accepted": [1, "one", [1], {"at": 1}, [{"at": 1.0}]],
    "mfa_on_at": [True, "now", "1", float("nan"), 1e13],
    "cleared_at": [True, "now", float("nan"), 1e13],
    "highest": [None, "1", float("inf")],
}


def spoiled(data: Any, name: str, value: Any) -> Any:
    if isinstance(data, list):
        return [spoiled(item, name, value) for item in data]
    if not isinstance(data, dict):
        return data
    return {key: value if key == name else spoiled(item, name, value) for key, item in data.items()}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_value_that_no_record_has_is_an_error(name: str, value: Any, record: Record) -> None:
    record.path.parent.mkdir()
    record.path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert record.read().attempts[0].id == "mine"
    record.path.write_text(json.dumps(spoiled(GOOD, name, value)), encoding="utf-8")
    with pytest.raises(OptionError, match="safe to remove"):
        record.read()


def test_one_of_an_earlier_version_is_read(record: Record) -> None:
    record.path.parent.mkdir()
    earlier = {key: value for key, value in GOOD.items() if key not in ("accepted", "cleared_at")}
    record.path.write_text(json.dumps(earlier), encoding="utf-8")
    assert (record.read().cleared_at, record.read().accepted, len(record.read().attempts)) == (None, [], 1)


CORRUPT = {
    "deep": b"[" * 100_000,
    "a number that is too long": b'{"version": ' + b"1" * 5_000 + b"}",
    "clock of another shape": b'{"version": 1, "secrets": {}, "attempts": [], "mfa_on_at": null, "clock": [1]}',
    "no clock": b'{"version": 1, "secrets": {}, "attempts": [], "mfa_on_at": null}',
    "empty": b"",
    "no JSON": b"{",
    "no text": b"\xff\xfe",
    "a list": b"[]",
    "another version": b'{"version": 2, "secrets": {}, "attempts": [], "mfa_on_at": null}',
    "a key is missing": b'{"version": 1, "secrets": {}, "attempts": []}',
    "secrets of another shape": b'{"version": 1, "secrets": [], "attempts": [], "mfa_on_at": null}',
    "an attempt of another shape": b'{"version": 1, "secrets": {}, "attempts": [{"when": 1}], "mfa_on_at": null}',
    "an attempt that is a number": b'{"version": 1, "secrets": {}, "attempts": [1], "mfa_on_at": null}',
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT.keys())
def test_a_corrupt_one_is_an_error_and_stays_as_it_is(content: bytes, record: Record) -> None:
    record.path.parent.mkdir()
    record.path.write_bytes(content)
    with pytest.raises(OptionError, match="safe to remove") as caught, record.changing():
        pytest.fail("it must not be used")
    assert caught.value.__suppress_context__
    assert record.path.read_bytes() == content
