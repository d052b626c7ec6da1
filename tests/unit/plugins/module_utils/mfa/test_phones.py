# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phones: the plan, the numbers that are the same, and what is asked of the service for each step."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import yaml

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
    LostAnswer,
    NotFound,
    OptionError,
    PasscodeRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Mfa, Phone
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.phones import (
    PhonePlan,
    Phones,
    PhoneWish,
    check,
    compare,
    normal,
)
from ansible_collections.rackspace.identity.plugins.modules import rax_mobile_phone
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import MFA, fault
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

NUMBER = "+15125550100"
PHONES = f"{MFA}/mobile-phones"
NEW, OLD = Phone("p1", NUMBER, verified=False), Phone("p1", NUMBER, verified=True)
ADDED = Phone("p2", NUMBER, verified=False)
OTHER = Phone("o", "+15125550199", verified=True)


@pytest.mark.parametrize(
    ("have", "state", "after", "steps"),
    [
        ([], "present", [Phone("", NUMBER, verified=False)], ["add"]),
        ([NEW], "present", [NEW], []),
        ([OTHER], "present", [Phone("", NUMBER, verified=False)], ["add"]),
        ([], "code_sent", [Phone("", NUMBER, verified=False)], ["add", "send"]),
        ([NEW], "code_sent", [NEW], ["send"]),
        ([OLD], "code_sent", [OLD], []),
        ([NEW], "verified", [OLD], ["verify"]),
        ([OLD], "verified", [OLD], []),
        ([OLD], "absent", [], ["delete"]),
        ([OTHER], "absent", [OTHER], []),
        ([], "absent", [], []),
    ],
)
def test_a_phone(have: list[Phone], state: str, after: list[Phone], steps: list[str]) -> None:
    plan = compare(have, PhoneWish(state, NUMBER))
    assert plan == PhonePlan(tuple(have), tuple(after), tuple(steps))
    assert (plan.diff()["before"] != plan.diff()["after"]) is bool(steps)


@pytest.mark.parametrize("listed", ["15125550100", "+1 512 555-0100", "+1 (512) 555-0100", "1 512 555 0100"])
def test_a_number_that_the_service_lists_in_another_form_is_the_same(listed: str) -> None:
    have = [Phone("p1", listed, verified=False)]
    assert compare(have, PhoneWish("present", NUMBER)).steps == ()
    assert compare(have, PhoneWish("absent", NUMBER)).steps == ("delete",)


def test_any_phone_is_meant_where_no_number_is_given() -> None:
    assert compare([OTHER], PhoneWish("absent")).steps == ("delete",)
    with pytest.raises(NotFound):
        compare([], PhoneWish("verified", code="123456"))


@pytest.mark.parametrize("text", ["+1 512 555 0100", "+1 (512) 555-0100", "+1.512.555.0100", NUMBER])
def test_a_number_is_taken_as_people_write_it(text: str) -> None:
    assert normal(text) == NUMBER
    check(PhoneWish("present", normal(text)))


@pytest.mark.parametrize(
    "wish",
    [
        PhoneWish("present", "5125550100"),
        PhoneWish("present", "+0125550100"),
        PhoneWish("present", "+1512"),
        PhoneWish("present"),
        PhoneWish("code_sent"),
        PhoneWish("verified", NUMBER),
    ],
)
def test_what_the_service_would_refuse_is_refused(wish: PhoneWish) -> None:
    with pytest.raises(OptionError):
        check(wish)


def test_a_number_whose_plus_yaml_dropped_is_refused_with_the_remedy() -> None:
    with pytest.raises(OptionError, match=r'in quotes, such as "\+1'):
        check(PhoneWish("present", str(yaml.safe_load("+15125550100"))))


@pytest.mark.parametrize(("code", "words"), [("83", r"O\(code\) has 2 digits"), ("abcd", "digits only")])
def test_what_cannot_be_a_code_is_told_before_the_first_request(bench: Bench, code: str, words: str) -> None:
    for check_mode in (True, False):
        with pytest.raises(OptionError, match=words):
            bench.here.call(rax_mobile_phone, state="verified", code=code, store=None, check_mode=check_mode)
    assert bench.here.calls == []


# At the service


def one(phone: Phone) -> dict[str, Any]:
    return {"body": {"RAX-AUTH:mobilePhone": phone._asdict()}}


CODE = PhoneWish("verified", NUMBER, "1234")
ADD = (f"POST {PHONES}", one(ADDED))
READ, VERIFY, LOST = f"GET {PHONES}/p1", f"POST {PHONES}/p1/verify", {"how": "reset"}
BODIES = {ADD[0]: {"RAX-AUTH:mobilePhone": {"number": NUMBER}}, VERIFY: {"RAX-AUTH:verificationCode": {"code": "1234"}}}
ON, OFF = Mfa(True, "ACTIVE", "SMS", None), Mfa(False, None, None, None)
GOES = {"deleted": PhoneWish("absent"), "replaced": PhoneWish("present", "+15125550199")}


@pytest.mark.parametrize("wish", GOES.values(), ids=GOES)
@pytest.mark.parametrize(
    ("phone", "mfa", "way_out"),
    [
        (OLD, ON, "factor_type: OTP"),
        # After a change over the service would not tell it either.
        (OLD, ON._replace(factor_type=None), "Turn multi-factor authentication off first"),
        (OLD, ON._replace(factor_type="OTP"), None),
        (OLD, OFF, None),
        (NEW, None, None),
    ],
    ids=["SMS", "a factor that is not told", "OTP", "off", "not verified"],
)
def test_the_phone_that_the_next_login_needs_stays(
    wish: PhoneWish, phone: Phone, mfa: Mfa | None, way_out: str | None, service: Service, session: Session
) -> None:
    service.expect(f"GET {PHONES}", body={"RAX-AUTH:mobilePhones": [phone._asdict()]})
    if mfa is not None:
        told = {"multiFactorEnabled": mfa.enabled, "factorType": mfa.factor_type}
        service.expect("GET /v2.0/users/u1", body={"user": {"id": "u1", "username": "jo", **told}})
    with pytest.raises(Conflict, match=f"could not log in .*{way_out}") if way_out else nullcontext():
        assert Phones(session.client, Target(session, lambda _option: None)).plan(wish).drops_verified is phone.verified


APPLIED: dict[str, tuple[list[Phone], PhoneWish, list[tuple[str, dict[str, Any]]], Any]] = {
    "add, with the id that the service gives": ([], PhoneWish("present", NUMBER), [ADD], (ADDED,)),
    "send to the new one": (
        [],
        PhoneWish("code_sent", NUMBER),
        [ADD, (f"POST {PHONES}/p2/verificationcode", {"status": 202})],
        (ADDED,),
    ),
    "send to the one that is there": (
        [NEW],
        PhoneWish("code_sent", NUMBER),
        [(f"POST {PHONES}/p1/verificationcode", {"status": 202})],
        (NEW,),
    ),
    "verify": ([NEW], CODE, [(VERIFY, {"status": 204})], (OLD,)),
    "a wrong code": ([NEW], CODE, [(VERIFY, fault(400, "The provided pin is invalid"))], PasscodeRefused),
    "another success, and verified": ([NEW], CODE, [(VERIFY, {"status": 202}), (READ, one(OLD))], (OLD,)),
    "another success, and not verified": ([NEW], CODE, [(VERIFY, {"status": 200}), (READ, one(NEW))], LostAnswer),
    "lost, and verified": ([NEW], CODE, [(VERIFY, LOST), (READ, one(OLD))], (OLD,)),
    "lost, and not verified": ([NEW], CODE, [(VERIFY, LOST), (READ, one(NEW))], LostAnswer),
    "delete": (
        [NEW],
        PhoneWish("absent", NUMBER),
        [(f"DELETE {PHONES}/p1", {"status": 204}), (READ, fault(404))],
        (),
    ),
    "nothing to do": ([OLD], CODE, [], (OLD,)),
}


@pytest.mark.parametrize("case", APPLIED)
def test_each_step_is_asked_for_once(case: str, service: Service, session: Session) -> None:
    have, wish, requests, outcome = APPLIED[case]
    service.expect(f"GET {PHONES}", body={"RAX-AUTH:mobilePhones": [phone._asdict() for phone in have]})
    for request, reply in requests:
        service.expect(request, **reply)
    phones = Phones(session.client, Target(session, lambda _option: None))
    with nullcontext() if isinstance(outcome, tuple) else pytest.raises(outcome):
        assert phones.apply(phones.plan(wish), wish).after == outcome
    assert [call.body for call in service.calls[2:]] == [BODIES.get(request) for request, _reply in requests]
