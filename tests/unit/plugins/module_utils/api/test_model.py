# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer may hold: names, codes and ids that could do harm elsewhere come no further."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import InvalidAnswer, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, NewDevice
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import MFA
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

DEVICE = {"id": "d1", "name": "x", "verified": False}

BAD_IDS = ["", ".", "..", "...", "a/b", "a\\b", "a b", "a\n", "a\x1b[2J", "\u202ea", "\ud800", "a" * 257, "\u200b"]


@pytest.mark.parametrize("bad", BAD_IDS)
def test_an_id_that_would_be_another_path_is_not_used(service: Service, client: Client, bad: str) -> None:
    with pytest.raises(OptionError):
        client.delete_otp_device("u1", bad)
    with pytest.raises(OptionError):
        client.remove_mfa(bad)
    service.expect(f"GET {MFA}/otp-devices", body={"RAX-AUTH:otpDevices": [{"id": bad}]})
    with pytest.raises(InvalidAnswer):
        client.otp_devices("u1")


def test_a_name_that_can_not_be_shown_equals_none_that_is_asked_for(service: Service, client: Client) -> None:
    names = ["ansible\u202e", "ansible\x1b[0m", "x" * 300, "\ud800", "Zo\u00eb \U0001f469\u200d\U0001f4bb"]
    devices = [{"id": str(number), "name": name} for number, name in enumerate(names)]
    service.expect(f"GET {MFA}/otp-devices", body={"RAX-AUTH:otpDevices": devices})
    shown = [device.name for device in client.otp_devices("u1")]
    assert shown == ["ansible\ufffd", "ansible\ufffd[0m", "x" * 253 + "\u2026\ufffd", "\ufffd", names[4]]


@pytest.mark.parametrize(
    "codes", [[], [None], [12345678], ["12 45678"], ["\u0661" * 8], ["1" * 5], ["1" * 10], "12345678"]
)
def test_bypass_codes_are_strings_of_digits(service: Service, client: Client, codes: Any) -> None:
    service.expect(f"POST {MFA}/bypass-codes", body={"RAX-AUTH:bypassCodes": {"codes": codes}})
    with pytest.raises(InvalidAnswer, match="bypass codes"):
        client.new_bypass_codes("u1", 1, None)


@pytest.mark.parametrize(
    "member", [{}, *({"keyUri": uri} for uri in ("", "otpauth://x\n", "otpauth://\x1b[2J", "otpauth://" + "x" * 9000))]
)
def test_a_key_uri_that_is_missing_or_can_not_be_shown_is_an_invalid_answer(
    service: Service, client: Client, member: dict[str, str]
) -> None:
    service.expect(f"POST {MFA}/otp-devices", 201, body={"RAX-AUTH:otpDevice": {**DEVICE, **member}})
    with pytest.raises(InvalidAnswer, match="key URI"):
        client.add_otp_device("u1", "x")


def test_no_secret_of_the_users_record_comes_out(service: Service, client: Client) -> None:
    record = {"id": "u1", "username": "jo", "RAX-AUTH:phonePin": "canary-pin", "email": "canary@example.com"}
    service.expect("GET /v2.0/users/u1", body={"user": record})
    user = client.user("u1")
    assert "canary" not in repr((user, user.facts(), user.mfa.facts()))


def test_the_secret_of_a_new_device_is_not_in_its_repr() -> None:
    new = NewDevice(Device("d1", "x", verified=False), "canary-secret", "otpauth://canary", "data:canary")
    assert "canary" not in repr(new)
