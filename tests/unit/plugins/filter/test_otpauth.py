# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that takes URIs apart. How URIs are read is tested with the parser."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.identity.plugins.filter.otpauth import FilterModule

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

otpauth = FilterModule().filters()["otpauth"]


def test_everything_that_the_uri_says() -> None:
    uri = f"otpauth://totp/ACME:jane%20doe?secret={SECRET.lower()}&issuer=ACME&digits=8&period=60&algorithm=sha512"
    assert otpauth(uri) == {
        "account": "jane doe",
        "algorithm": "SHA512",
        "digits": 8,
        "issuer": "ACME",
        "period": 60,
        "secret": SECRET,
    }


def test_defaults_and_a_name_that_the_service_did_not_quote() -> None:
    assert otpauth(f"otpauth://totp/Rackspace:a?b&c#d?secret={SECRET}&issuer=Rackspace") == {
        "account": "a?b&c#d",
        "algorithm": "SHA1",
        "digits": 6,
        "issuer": "Rackspace",
        "period": 30,
        "secret": SECRET,
    }


def test_no_issuer_and_no_account() -> None:
    parts = otpauth(f"otpauth://totp/?secret={SECRET}")
    assert (parts["issuer"], parts["account"]) == (None, None)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("CANARY", id="base32"),
        pytest.param("otpauth://hotp/x?secret=CANARY&counter=1", id="hotp"),
        pytest.param("otpauth://totp/x?secret=CANARY01", id="bad secret"),
        pytest.param(None, id="nothing"),
        pytest.param({"secret": "CANARY"}, id="dictionary"),
    ],
)
def test_refusals_do_not_repeat_the_input(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^otpauth") as caught:
        otpauth(value)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None
