# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role with each kind of account that it may meet: what it does, stores, and asks of the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from integration.harness import (
    ENROLLMENT,
    TOGETHER,
    Fleet,
    Lab,
    Run,
    User,
    assert_enrolled,
    assert_nothing_to_do,
    host_name,
)

MOST_REQUESTS = 10
"""Of an enrollment with a password and a proof (`docs`: fewer tasks, fewer requests)."""
WITHOUT_PROOF = [step for step in ENROLLMENT if step != "prove_login"]


@dataclass(frozen=True)
class Kind:
    """A kind of account and what is asked for, what the role does about it, and how many requests a rerun may take.

    :param others: users beside alice, of whose accounts nothing is changed.
    :param manager: one of them, who enrolls alice. Without one she does it herself.
    """

    seed: dict[str, Any] = field(default_factory=dict)
    others: tuple[User, ...] = ()
    manager: str = ""
    by: str = "password"
    asked: dict[str, Any] = field(default_factory=dict)
    steps: list[str] = field(default_factory=lambda: ENROLLMENT)
    most_requests: int = MOST_REQUESTS
    most_requests_again: int = 4


UNVERIFIED = {"name": "ansible", "id": "id-of-unverified"}
OTHERS = [{"name": "phone", "verified": True}, {"name": "tablet"}, {"name": "Ansible"}, {"name": "ansible "}]
AFTER_A_DEAD_RUN = [*ENROLLMENT[:2], "delete_unverified", *ENROLLMENT[2:]]
KINDS = {
    "by password": Kind(),
    "by key, so without a proof": Kind(by="api_key", steps=WITHOUT_PROOF, most_requests_again=3),
    "by a token alone": Kind(by="token", steps=WITHOUT_PROOF, most_requests_again=3),
    "by password and key, the password a part of the name": Kind(
        {"password": "lice"}, by="both", most_requests_again=3
    ),
    "without a proof": Kind(asked={"mfa_otp_prove_login": False}, steps=WITHOUT_PROOF),
    "left by a run that died": Kind({"devices": [UNVERIFIED]}, steps=AFTER_A_DEAD_RUN, most_requests=MOST_REQUESTS + 2),
    "with devices of other names": Kind({"devices": OTHERS}),
    "must set MFA up": Kind({"enforcement_level": "REQUIRED"}),
    "with a phone": Kind(
        {"phone": {"verified": True}, "mfa": {"enabled": True, "factor_type": "SMS"}},
        by="both",
        steps=["change_factor" if step == "turn_on" else step for step in ENROLLMENT],
    ),
    "with bypass codes and a level": Kind(
        {"role": "user-admin"},
        asked={"mfa_otp_bypass_codes": 3, "mfa_otp_enforcement_level": "REQUIRED"},
        steps=[*ENROLLMENT, "keep_bypass_codes", "set_enforcement_level"],
        most_requests=MOST_REQUESTS + 2,
        most_requests_again=5,
    ),
    # The other jobs for another user are in test_role_check_mode; who is no administrator is refused in
    # test_role_refusals.
    "by an administrator": Kind(
        {"enforcement_level": "REQUIRED", "password": "of-alice"},
        others=(User("boss", {"role": "user-admin"}), User("bob")),
        manager="boss",
        asked={
            "mfa_otp_target_user": "alice",
            "mfa_otp_target_password": "of-alice",
            "mfa_otp_enforcement_level": "OPTIONAL",
        },
        steps=[*ENROLLMENT, "set_enforcement_level"],
        most_requests=MOST_REQUESTS + 2,
    ),
    "by an administrator, so without a proof": Kind(
        others=(User("boss", {"role": "user-admin"}),),
        manager="boss",
        by="api_key",
        asked={"mfa_otp_target_user": "alice"},
        steps=WITHOUT_PROOF,
        most_requests=6,
        most_requests_again=3,
    ),
}


class Enrolled(NamedTuple):
    """An account after two runs: what they were, and where."""

    lab: Lab
    first: Run
    again: Run


@pytest.fixture(scope="module", name="enrolled")
def _enrolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Enrolled]]:
    """An account of each kind, enrolled, and a minute later once more."""
    with ExitStack() as stack:
        hosts = {host_name(name): kind for name, kind in KINDS.items()}
        labs = {
            host: stack.enter_context(Lab(tmp_path_factory.mktemp("lab") / host, User(seed=kind.seed), *kind.others))
            for host, kind in hosts.items()
        }
        given = {
            host: (labs[host], labs[host].variables(kind.manager, by=kind.by, **kind.asked))
            for host, kind in hosts.items()
        }
        first = Fleet(given).run("enroll", env=TOGETHER)
        for lab in labs.values():
            lab.control.move(61)
        again = Fleet(given).run("enroll", env=TOGETHER)
        yield {name: Enrolled(labs[host], first[host], again[host]) for name, host in zip(KINDS, hosts, strict=True)}


def ours(lab: Lab) -> dict[str, Any]:
    """The account's device of the role's name."""
    (device,) = (device for device in lab.account()["otp_devices"] if device["name"] == "ansible")
    return dict(device)


@pytest.mark.matrix
@pytest.mark.xdist_group("accounts")
@pytest.mark.parametrize("name", KINDS)
def test_an_account_is_enrolled_once(enrolled: Mapping[str, Enrolled], name: str) -> None:
    kind, (lab, first, again) = KINDS[name], enrolled[name]
    assert first.result["steps"] == kind.steps
    assert first.result["changed"] is True
    assert first.result["proved"] is ("prove_login" in kind.steps)
    assert first.passcodes == ["accepted"] * kind.steps.count("prove_login")
    assert len(first.requests) <= kind.most_requests
    assert ours(lab)["verified"]
    assert lab.entry()["secret"] == ours(lab)["secret"]

    assert_nothing_to_do(again)
    assert again.result["device"] == first.result["device"]
    assert again.refused_passcodes == 0
    assert len(again.requests) <= kind.most_requests_again


@pytest.mark.matrix
@pytest.mark.xdist_group("accounts")
@pytest.mark.parametrize("name", [name for name in KINDS if name != "with devices of other names"])
def test_an_account_has_the_one_device_that_is_stored(enrolled: Mapping[str, Enrolled], name: str) -> None:
    assert_enrolled(enrolled[name].lab)


@pytest.mark.xdist_group("accounts")
def test_devices_of_other_names_stay(enrolled: Mapping[str, Enrolled]) -> None:
    devices = enrolled["with devices of other names"].lab.account()["otp_devices"]
    assert sorted(device["name"] for device in devices) == ["Ansible", "ansible", "ansible ", "phone", "tablet"]


@pytest.mark.xdist_group("accounts")
def test_a_device_that_a_dead_run_left_unverified_is_replaced(enrolled: Mapping[str, Enrolled]) -> None:
    assert enrolled["left by a run that died"].lab.entry()["device_id"] != UNVERIFIED["id"]


@pytest.mark.xdist_group("accounts")
def test_bypass_codes_are_made_once_and_kept(enrolled: Mapping[str, Enrolled]) -> None:
    lab = enrolled["with bypass codes and a level"].lab
    codes = [bypass["code"] for bypass in lab.account()["bypass_codes"]]
    assert sorted(lab.entry()["bypass_codes"]) == sorted(codes)
    assert len(codes) == 3


@pytest.mark.xdist_group("accounts")
@pytest.mark.parametrize(
    ("name", "level"), [("with bypass codes and a level", "REQUIRED"), ("by an administrator", "OPTIONAL")]
)
def test_the_enforcement_level_is_set(enrolled: Mapping[str, Enrolled], name: str, level: str) -> None:
    assert enrolled[name].lab.account()["enforcement_level"] == level


@pytest.mark.xdist_group("accounts")
def test_an_administrator_enrolls_no_one_else(enrolled: Mapping[str, Enrolled]) -> None:
    lab = enrolled["by an administrator"].lab
    assert [lab.account(name)["otp_devices"] for name in ("boss", "bob")] == [[], []]
