# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of hosts: whatever a user is called, its host has a name of its own that does no harm."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.mfa import host_names
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.host_names import (
    DEVICE_GROUPS,
    GROUPS,
    HostNames,
    Taken,
)


@pytest.mark.parametrize("name", ["alice", "jane.doe", "svc-build_01", "a@example.com", "7", "a+b"])
def test_usual_names_are_kept(name: str) -> None:
    names = HostNames("100")
    assert names.of(name, "1") == name
    assert not names.renamed


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localhost",
        "LocalHost",
        "127.0.0.1",
        "::1",
        "all",
        "ungrouped",
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        "a,b",
        "a:b",
        "a b",
        "!a",
        "&a",
        "~a",
        "@a",
        "a[1:3]",
        "a*",
        "{{ 7 * 7 }}",
        "a\nb",
        "a\x00",
        "ä",
        "x" * 201,
        *GROUPS,
    ],
    ids=lambda name: re.sub(r"\W", "_", name[:20], flags=re.ASCII),
)
def test_other_names_are_replaced(name: str) -> None:
    names = HostNames("100")
    assert names.of(name, "6af1") == "user-6af1"
    assert names.renamed == [name]


def test_names_of_groups_and_hosts_that_exist_are_taken() -> None:
    names = HostNames("dedicated.12", Taken({"web"}))
    assert names.of("web", "1") == "user-1"
    assert names.of("Domain_dedicated.12", "6") == "user-6"
    assert names.of("domain_dedicated_12", "7") == "user-7"
    assert names.of("alice", "2") == "alice"
    assert names.of("alice", "3") == "user-3"
    assert names.of("user-4", "5") == "user-4"
    assert names.of("all", "4") not in ("all", "user-4")


def test_the_host_of_a_user_is_free_for_that_user_alone() -> None:
    names = HostNames("100", Taken(users={"Alice": "1", "bob": "2"}))
    assert names.of("alice", "1") == "alice"
    assert names.of("bob", "3") == "user-3"


@given(st.lists(st.tuples(st.text(), st.text()), unique_by=lambda pair: pair[1]))
def test_every_user_gets_a_name_of_its_own(users: list[tuple[str, str]]) -> None:
    names = HostNames("100")
    given_out = [names.of(name, user_id).casefold() for name, user_id in users]
    assert len(set(given_out)) == len(users)
    assert not [name for name in given_out if "/" in name or name in GROUPS]


def test_the_playbooks_know_the_groups() -> None:
    playbooks = Path(host_names.__file__).parents[3] / "playbooks"
    (play,) = yaml.safe_load((playbooks / "shared" / "inventory.yml").read_text(encoding="utf-8"))
    (known,) = (task["vars"]["_known"] for task in play["tasks"] if "_known" in task.get("vars", {}))
    known = known.strip().removeprefix("{{").removesuffix("}}")
    assert set(yaml.safe_load(known)) == {*GROUPS, *DEVICE_GROUPS}
