# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever comes back, each method of the client ends in a value or in an error of ours, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import ServiceClock
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import IdentityError, InvalidAnswer
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import Answer
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments

DEVICE = {"id": "d1", "name": "ansible", "verified": True}
PHONE = {"id": "p1", "number": "+15125550100", "verified": True}
USER = {
    "id": "u1",
    "username": "jo",
    "enabled": True,
    "RAX-AUTH:domainId": "100",
    "RAX-AUTH:multiFactorEnabled": True,
    "RAX-AUTH:multiFactorState": "ACTIVE",
    "RAX-AUTH:factorType": "OTP",
    "RAX-AUTH:userMultiFactorEnforcementLevel": "DEFAULT",
}
ACCESS = {
    "token": {
        "id": "t1",
        "expires": "2026-11-29T10:00:00.000-06:00",
        "tenant": {"id": "1", "name": "one"},
        "RAX-AUTH:authenticatedBy": ["PASSWORD", "OTPPASSCODE"],
    },
    "user": {"id": "u1", "name": "jo", "roles": [{"name": "identity:default"}], "RAX-AUTH:domainId": "100"},
}
KEY_URI = "otpauth://totp/Rackspace:ansible?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Rackspace"
DOMAIN = {"id": "dedicated:12", "name": "d", "RAX-AUTH:domainMultiFactorEnforcementLevel": "REQUIRED"}
CODES = {"codes": ["01234567"], "validityDuration": "PT30M"}
OPERATIONS: dict[str, tuple[Any, Callable[[Client], Any]]] = {
    "validate": ({"access": ACCESS}, lambda to: to.validate_token("t1")),
    "revoke": ({}, lambda to: to.revoke_token("t1")),
    "user": ({"user": USER}, lambda to: to.user("u1")),
    "by name": ({"user": USER}, lambda to: to.user_by_name("jo")),
    "users": ({"users": [USER]}, lambda to: to.users()),
    "otp devices": ({"RAX-AUTH:otpDevices": [DEVICE]}, lambda to: to.otp_devices("u1")),
    "otp device": ({"RAX-AUTH:otpDevice": DEVICE}, lambda to: to.otp_device("u1", "d1")),
    "add device": (
        {"RAX-AUTH:otpDevice": {**DEVICE, "keyUri": KEY_URI, "qrcode": "data:image/png;base64,AAAA"}},
        lambda to: to.add_otp_device("u1", "ansible"),
    ),
    "verify device": ({}, lambda to: to.verify_otp_device("u1", "d1", "012345")),
    "delete device": ({}, lambda to: to.delete_otp_device("u1", "d1")),
    "devices": (
        {"RAX-AUTH:multiFactorDevices": {"otpDevices": [DEVICE], "mobilePhones": [PHONE]}},
        lambda to: to.all_devices("u1"),
    ),
    "phones": ({"RAX-AUTH:mobilePhones": [PHONE]}, lambda to: to.phones("u1")),
    "phone": ({"RAX-AUTH:mobilePhone": PHONE}, lambda to: to.phone("u1", "p1")),
    "add phone": ({"RAX-AUTH:mobilePhone": PHONE}, lambda to: to.add_phone("u1", "+15125550100")),
    "send code": ({}, lambda to: to.send_phone_code("u1", "p1")),
    "verify phone": ({}, lambda to: to.verify_phone("u1", "p1", "0123")),
    "delete phone": ({}, lambda to: to.delete_phone("u1", "p1")),
    "settings": ({}, lambda to: to.change_settings("u1", {"enabled": True}, "Turning it on")),
    "remove": ({"RAX-AUTH:multiFactorDevices": {}}, lambda to: to.remove_mfa("u1")),
    "codes": ({"RAX-AUTH:bypassCodes": CODES}, lambda to: to.new_bypass_codes("u1", 1, "PT30M")),
    "domain": ({"RAX-AUTH:domain": DOMAIN}, lambda to: to.domain("dedicated:12")),
    "change domain": ({}, lambda to: to.change_domain("dedicated:12", "REQUIRED")),
}
FAULTS = {
    status: {name: {"code": status, "message": "no", "retryAfter": 5}}
    for status, name in (
        (400, "badRequest"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "itemNotFound"),
        (413, "overLimit"),
        (500, "identityFault"),
    )
}

TEXTS = st.one_of(
    st.text(st.characters(), max_size=20),
    st.sampled_from(["", "..", "\ud800", "\u202e", "\x1b[2J", "#jinja2: x", "{{ 1 }}", "a/b", "x" * 100_000]),
)
ODD = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -1, 1e308, float("inf"), float("nan")]),
        st.floats(),
        TEXTS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)


@st.composite
def spoiled(draw: st.DrawFn, value: Any) -> Any:
    """The value with members dropped, renamed, retyped or nested, at any depth."""
    how = draw(st.sampled_from(["keep", "keep", "keep", "odd", "drop", "rename", "nest", "twice"]))
    if how == "odd":
        return draw(ODD)
    if how == "nest":
        return draw(st.sampled_from([[value], {"value": value}, [[[value]]]]))
    if isinstance(value, list):
        return [draw(spoiled(item)) for item in value] * (2 if how == "twice" else 1)
    if not isinstance(value, dict):
        return value
    members = {key: draw(spoiled(item)) for key, item in value.items()}
    if members and how in ("drop", "rename"):
        key = draw(st.sampled_from(sorted(members)))
        spared = members.pop(key)
        if how == "rename":
            members[draw(st.one_of(TEXTS, st.just(key.upper())))] = spared
    return members


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Date": st.one_of(
            TEXTS, st.sampled_from([formatdate(0), formatdate(2**33), "Fri, 31 Dec 9999 23:59:59 -2359"])
        ),
        "Retry-After": st.one_of(TEXTS, st.sampled_from(["9" * 5000, "-1", "1e9", "Fri, 31 Dec 9999 23:59:59 GMT"])),
        "Link": st.one_of(
            TEXTS, st.sampled_from(["<" * 60_000, "</x?marker=a>; rel=next", "<http://[?a>; rel=next", "<>; rel=next"])
        ),
        "Location": st.one_of(TEXTS, st.sampled_from(["http://[", "http://a:b", "//", "https://a/t"])),
    },
)
RAW = [b"", b"null", b"<html>", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"1" * 5000, b'"\\ud800"', b"{}" * 2]


@st.composite
def answers(draw: st.DrawFn, body: Any) -> Answer:
    """An answer of any status: the right body or a fault, more or less spoiled, or bytes that are neither."""
    status = draw(st.sampled_from([200, 200, 200, 201, 204, 302, 407, 418, 502, *FAULTS]))
    right = FAULTS.get(status, body)
    content = draw(st.one_of(spoiled(right).map(lambda told: json.dumps(told).encode()), st.sampled_from(RAW)))
    return Answer(status, CaseInsensitiveDict(draw(HEADERS)), content)


class AnsweringTransport(Transport):
    """The real one above the socket, which answers by a list and then only by pages."""

    def __init__(self, replies: list[Answer]) -> None:
        moments = Moments()
        clock = ServiceClock(moments.monotonic, lambda: 1_800_000_000.0)
        super().__init__("https://identity.example.com", clock=clock, sleep=moments.sleep)
        self._replies = replies

    def _once(self, *_unused: Any) -> Answer:
        answer = self._replies.pop(0) if self._replies else Answer(404, {}, b"")
        self.clock.read(answer.headers, 0.0, 0.0)
        return answer


def plain(value: Any) -> bool:
    """Can it be shown and stored?"""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return "\x1b" not in repr(value)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_value_or_an_error_of_ours(data: st.DataObject) -> None:
    body, ask = OPERATIONS[data.draw(st.sampled_from(sorted(OPERATIONS)))]
    replies = data.draw(st.lists(answers(body), min_size=1, max_size=3))
    try:
        outcome = ask(Client(AnsweringTransport(replies), "token", None))
    except IdentityError as error:
        outcome = error.as_failure()
    assert plain(outcome)


def test_each_operation_is_content_with_the_right_answer() -> None:
    for name, (body, ask) in OPERATIONS.items():
        # After another success what was changed is looked at.
        right = Answer(204 if name in WRITES and not name.startswith("add") else 200, {}, json.dumps(body).encode())
        gone = Answer(404, {}, json.dumps(FAULTS[404]).encode())
        replies = [right, gone] if name.startswith(("delete", "revoke")) else [right, right]
        ask(Client(AnsweringTransport(replies), "token", None))


WRITES = ["add device", "add phone", "change domain", "settings", "remove", "revoke", "send code"]
WRITES += ["verify device", "verify phone", "delete device", "delete phone"]


@pytest.mark.parametrize("name", WRITES)
def test_a_fault_is_no_success_whatever_its_status(name: str) -> None:
    """What follows would show that it was done."""
    body, ask = OPERATIONS[name]
    told, right, gone = (json.dumps(what).encode() for what in (FAULTS[400], body, FAULTS[404]))
    then = Answer(404, {}, gone) if name.startswith(("delete", "revoke")) else Answer(204, {}, right)
    with pytest.raises(InvalidAnswer, match=r"HTTP status 200 .*The body says: no\.") as caught:
        ask(Client(AnsweringTransport([Answer(200, {}, told), then]), "token", None))
    assert caught.value.service_message == "no"


def test_a_read_that_is_answered_with_a_fault_as_a_success_is_doubted_once() -> None:
    body, ask = OPERATIONS["user"]
    told, right = (Answer(200, {}, json.dumps(what).encode()) for what in (FAULTS[404], body))
    assert ask(Client(AnsweringTransport([told, right]), "token", None)).id == "u1"
