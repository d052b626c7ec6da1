# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key URIs: those of the service, whatever the name of the device, and those of others."""

from __future__ import annotations

import base64
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.otp import secret as otp
from ansible_collections.rackspace.identity.plugins.module_utils.otp.key_uri import SecretError
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp, parse

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
OTHER_SECRET = base64.b32encode(b"another secret, 20 b").decode()


def service_uri(name: str) -> str:
    """The URI that the service makes: the name is quoted only where a character is illegal in a URI (contract)."""
    quoted = quote(name, safe="!#$&'()*+,-./:;=?@_~")
    return f"otpauth://totp/Rackspace:{quoted}?secret={RFC_SECRET}&issuer=Rackspace"


@pytest.mark.parametrize(
    "name",
    [
        "ansible",
        "my laptop",
        "a&b",
        "a#b",
        "a=b?c",
        "colon:inside",
        "50%",
        "Grüße",
        "中文",
        f"x?secret={OTHER_SECRET}&issuer=Rackspace",
        f"x&secret={OTHER_SECRET}",
        "x?digits=8&algorithm=SHA512",
        "secret=&issuer=",
    ],
)
def test_the_service_s_uri_is_read_whatever_the_name(name: str) -> None:
    assert parse(service_uri(name)) == Otp(RFC_SECRET, issuer="Rackspace", account=name)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        pytest.param(
            f"otpauth://totp/ACME%20Co:john@example.com?secret={RFC_SECRET}&issuer=ACME%20Co&algorithm=SHA256"
            "&digits=8&period=60",
            Otp(RFC_SECRET, 8, 60, "SHA256", "ACME Co", "john@example.com"),
            id="all parameters",
        ),
        pytest.param(
            f"otpauth://totp/ACME%3A%20john?period=15&issuer=ACME&secret={RFC_SECRET}",
            Otp(RFC_SECRET, period=15, issuer="ACME", account="john"),
            id="another order, quoted colon",
        ),
        pytest.param(
            f"otpauth://totp/john?algorithm=sha512&secret={RFC_SECRET.lower()}&issuer=ACME&image=https://x/?y=z#top",
            Otp(RFC_SECRET, algorithm="SHA512", issuer="ACME", account="john"),
            id="secret in the middle, unknown parameter, fragment",
        ),
        pytest.param(f"OTPAUTH://TOTP/?SECRET={RFC_SECRET}%3D%3D", Otp(RFC_SECRET), id="upper case, no label, padding"),
        pytest.param(f"otpauth://totp?secret={RFC_SECRET}", Otp(RFC_SECRET), id="no slash"),
        pytest.param(
            f"otpauth://totp/a:b?secret={RFC_SECRET}&issuer=C",
            Otp(RFC_SECRET, issuer="C", account="b"),
            id="two issuers",
        ),
    ],
)
def test_ordinary_uri(uri: str, expected: Otp) -> None:
    assert parse(uri) == expected
    assert parse(f" {uri}\n") == expected


def strictly(uri: str) -> str | None:
    """The secret that a reader takes from a URI who knows nothing of the service's habits."""
    return dict(parse_qsl(urlsplit(uri).query)).get("secret")


@given(st.text(min_size=1).filter(lambda name: name == name.strip()))
def test_any_reader_understands_a_requoted_uri(name: str) -> None:
    uri = otp.requote(service_uri(name))
    assert parse(uri) == parse(service_uri(name)) == Otp(RFC_SECRET, issuer="Rackspace", account=name)
    assert strictly(uri) == RFC_SECRET
    assert otp.requote(uri) == uri


@pytest.mark.parametrize("name", ["ansible", "my laptop", "a&b=c", "100% Grüße", "中文"])
def test_a_uri_that_all_understand_is_left_alone(name: str) -> None:
    assert otp.requote(service_uri(name)) == service_uri(name)


def key_uri(label: str, query: str) -> str:
    return f"otpauth://totp/{label}?{query}"


@pytest.mark.parametrize(
    ("label", "issuer", "account"),
    [
        ("jo", None, "jo"),
        ("Rackspace:jo", "Rackspace", "jo"),
        ("Rackspace%3A%20jo", "Rackspace", "jo"),
        ("Rackspace:%20%20jo%20", "Rackspace", "jo "),
        ("Rackspace:%0Ajo", "Rackspace", "\njo"),
        ("Rackspace:XX", "Rackspace", "XX"),
        (":jo", None, "jo"),
        ("Rackspace:", "Rackspace", None),
        ("", None, None),
    ],
)
def test_issuer_and_account_of_a_label(label: str, issuer: str | None, account: str | None) -> None:
    read = parse(key_uri(label, f"secret={RFC_SECRET}"))
    assert (read.issuer, read.account) == (issuer, account)


def test_a_value_may_hold_an_equals_sign_and_a_fragment_is_none() -> None:
    read = parse(key_uri("jo", f"secret={RFC_SECRET}&issuer=a=b#secret=XX"))
    assert (read.secret, read.issuer) == (RFC_SECRET, "a=b")


def test_a_label_that_looks_like_a_query_ends_where_the_service_begins_its_own() -> None:
    uri = f"otpauth://totp/Rackspace:a?secret=MFRGG&b?secret={RFC_SECRET}&issuer=Rackspace?secret=MFRGG"
    assert parse(uri).secret == RFC_SECRET
    assert parse(uri).account == "a?secret=MFRGG&b"


def test_a_query_without_a_label() -> None:
    assert parse(f"otpauth://totp/?secret={RFC_SECRET}&issuer=Rackspace").secret == RFC_SECRET
    for name in ("jo", f"xsecret={RFC_SECRET}"):
        with pytest.raises(SecretError, match="no parameter"):
            parse(f"otpauth://totp/{name}")


def test_marks_of_a_label_are_quoted_for_other_readers() -> None:
    assert otp.requote(key_uri("a?b#c", f"secret={RFC_SECRET}&issuer=R")) == key_uri(
        "a%3Fb%23c", f"secret={RFC_SECRET}&issuer=R"
    )
