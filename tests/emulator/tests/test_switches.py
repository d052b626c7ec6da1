# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches: each value may be set, and the README documents it, as it does the faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import BEHAVIORS, ControlError
from emulator.faults import KINDS

from .helpers import Service

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


def test_first_value_is_the_default(service: Service) -> None:
    assert service.control.behavior() == {name: values[0] for name, values in BEHAVIORS.items()}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in BEHAVIORS for value in BEHAVIORS[name]])
def test_every_value_may_be_set(service: Service, name: str, value: Any) -> None:
    assert service.control.behave(**{name: value})[name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("replay", "never"),
        ("lean", 1),
        ("lag", True),
        ("lag", 31),
        ("rate_limit_every", 1),
        ("bypass_digits", 10),
        ("speed", 1),
    ],
)
def test_wrong_one_is_refused(service: Service, name: str, value: Any) -> None:
    with pytest.raises(ControlError, match=name):
        service.control.behave(lean=True, **({name: value} if name != "lean" else {"speed": "lean"}))
    assert service.control.behavior()["lean"] is False


@pytest.mark.parametrize("name", list(BEHAVIORS))
def test_readme_documents_it(name: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    assert not [value for value in BEHAVIORS[name] if f"`{text_of(value)}`" not in row]


def text_of(value: object) -> str:
    """A value as JSON writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("kind", KINDS)
def test_readme_documents_the_fault(kind: str) -> None:
    assert [line for line in README.splitlines() if line.startswith(f"| `{kind}` |")]
