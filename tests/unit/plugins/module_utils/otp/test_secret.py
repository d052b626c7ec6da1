# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets, time steps and codes."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.otp import secret as otp
from ansible_collections.rackspace.identity.plugins.module_utils.otp.key_uri import SecretError
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp, PyotpMissing, parse

RFC_KEY = b"12345678901234567890"
RFC_SECRET = base64.b32encode(RFC_KEY).decode()
URI = f"otpauth://totp/Rackspace:x?y?secret={RFC_SECRET}&issuer=Rackspace"
OTHER_SECRET = base64.b32encode(b"another secret, 20 b").decode()

# RFC 4226, appendix D: the codes of counters 0 to 9.
HOTP_CODES = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]

# RFC 6238, appendix B: Unix time, algorithm, code. Its keys are as long as the digest (erratum 2866).
TOTP_KEYS = {"SHA1": RFC_KEY, "SHA256": (RFC_KEY * 2)[:32], "SHA512": (RFC_KEY * 4)[:64]}
TOTP_CODES = [
    (59, "SHA1", "94287082"),
    (59, "SHA256", "46119246"),
    (59, "SHA512", "90693936"),
    (1111111109, "SHA1", "07081804"),
    (1111111109, "SHA256", "68084774"),
    (1111111109, "SHA512", "25091201"),
    (1111111111, "SHA1", "14050471"),
    (1111111111, "SHA256", "67062674"),
    (1111111111, "SHA512", "99943326"),
    (1234567890, "SHA1", "89005924"),
    (1234567890, "SHA256", "91819424"),
    (1234567890, "SHA512", "93441116"),
    (2000000000, "SHA1", "69279037"),
    (2000000000, "SHA256", "90698825"),
    (2000000000, "SHA512", "38618901"),
    (20000000000, "SHA1", "65353130"),
    (20000000000, "SHA256", "77737706"),
    (20000000000, "SHA512", "47863826"),
]


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP_CODES)))
def test_codes_of_rfc_4226(counter: int, code: str) -> None:
    assert parse(RFC_SECRET).code_at(counter) == code


@pytest.mark.parametrize(("seconds", "algorithm", "code"), TOTP_CODES)
def test_codes_of_rfc_6238(seconds: int, algorithm: str, code: str) -> None:
    secret = base64.b32encode(TOTP_KEYS[algorithm]).decode()
    source = replace(parse(secret), digits=8, algorithm=algorithm)
    assert source.code_at(otp.time_step(seconds)) == code


@pytest.mark.parametrize(
    ("seconds", "period", "step"),
    [(0, 30, 0), (29.999, 30, 0), (30, 30, 1), (59, 60, 0), (1111111111.5, 30, 37037037), (-0.5, 30, -1)],
)
def test_time_step(seconds: float, period: int, step: int) -> None:
    assert otp.time_step(seconds, period) == step


@pytest.mark.parametrize("step", [-1, 2**64])
def test_a_step_that_does_not_fit_is_refused(step: int) -> None:
    with pytest.raises(ValueError, match="time step"):
        parse(RFC_SECRET).code_at(step)


def test_without_pyotp_parsing_works_and_a_code_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otp, "HAS_PYOTP", False)
    source = parse(RFC_SECRET)
    assert source.bits == 160
    with pytest.raises(PyotpMissing, match="pyotp"):
        source.code_at(1)


# --- spellings of base32 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param("MFRGGZDFMY", id="canonical"),
        pytest.param("mfrg-gzdf-my", id="lower, dashes"),
        pytest.param(" \tMFRG\u00a0GZDF\nMY \r\n", id="white space of any kind"),
        pytest.param("MFRGGZDFMY=========", id="padding too long"),
        pytest.param("MFRGGZDFMZ", id="unused bits set"),
    ],
)
def test_every_spelling_is_one_secret(spelling: str) -> None:
    source = parse(spelling)
    assert source.secret == "MFRGGZDFMY"
    assert source.key == b"abcdef"
    assert source.bits == 48
    assert source.digest == parse("MFRGGZDFMY").digest


@st.composite
def spelled(draw: st.DrawFn) -> tuple[bytes, str]:
    """A secret of 1 to 128 bytes and one of its spellings."""
    key = draw(st.binary(min_size=1, max_size=128))
    bare = base64.b32encode(key).decode().rstrip("=")
    letters = [
        draw(st.sampled_from([letter, letter.lower()])) + draw(st.sampled_from(["", "", "", " ", "-", "\n", "\u2003"]))
        for letter in bare
    ]
    return key, draw(st.sampled_from(["", " ", "-"])) + "".join(letters) + "=" * draw(st.integers(0, 9))


@given(spelled())
def test_base32_of_any_length_in_any_spelling_round_trips(case: tuple[bytes, str]) -> None:
    key, spelling = case
    source = parse(spelling)
    assert source.key == key
    assert parse(source.secret) == source
    assert len(source.code_at(1)) == 6


def uris() -> st.SearchStrategy[str]:
    """Text that gets past the first checks of a URI."""
    tail = st.lists(
        st.sampled_from(["?", "&", "=", "#", "%", "%3", "%C3", ":", "/", "secret=", "&issuer=", "digits=", "period="])
        | st.sampled_from(["algorithm=", "SHA1", "6", RFC_SECRET, "Rackspace"])
        | st.text(max_size=3)
    ).map("".join)
    head = st.sampled_from(["otpauth://totp/", "OTPAUTH://TOTP/", "otpauth://hotp/", "otpauth:", "otpauth://totp?"])
    return st.tuples(head, tail).map("".join)


@given(st.text(st.characters()) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=- 018\u0131\u017f") | uris())
def test_any_text_is_a_secret_or_a_secret_error(text: str) -> None:
    try:
        source = parse(text)
    except SecretError:
        return
    assert parse(source.secret).secret == source.secret
    assert source.code_at(1).isdigit()


@given(
    st.none() | st.integers() | st.binary() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
    | st.fixed_dictionaries({}, optional={"secret": st.text() | st.integers(), "key_uri": uris() | st.none()})
)  # fmt: skip
def test_anything_else_is_a_secret_or_a_secret_error(value: Any) -> None:
    try:
        source = parse(value)
    except SecretError:
        return
    assert source.bits > 0


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(" - == ", "empty", id="nothing but trimmings"),
        pytest.param("MFRGG0DF", "not base32", id="a zero"),
        pytest.param("MFRG=GZDF", "not base32", id="padding in the middle"),
        pytest.param("MFRGGZD\u0131", "not base32", id="a dotless i"),
        pytest.param("MFRGGZD\u017f", "not base32", id="a long s"),
        pytest.param("MFRGGZD\u212a", "not base32", id="a Kelvin sign"),
        pytest.param("MFR", "not base32", id="no whole byte"),
        pytest.param("otpauth://totp/Rackspace:canary", "no parameter 'secret'", id="no query"),
        pytest.param("otpauth://totp/Rackspace:canary?issuer=x", "no parameter 'secret'", id="no secret"),
        pytest.param("otpauth://totp/canary?secret=&issuer=x", "empty", id="empty secret"),
        pytest.param("otpauth://totp/canary?secret=CANARY01&issuer=x", "not base32", id="secret no base32"),
        pytest.param("otpauth://hotp/canary?secret=MFRGGZDF&counter=1", "counters", id="hotp"),
        pytest.param("otpauth://canary/x?secret=MFRGGZDF", "unknown type", id="unknown type"),
        pytest.param("otpauth-migration://offline?data=canary", "no URI of the form", id="migration"),
        pytest.param("https://canary.example/", "no URI of the form", id="not otpauth"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&digits=9", "6, 7 or 8", id="digits too many"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&digits=canary", "whole numbers", id="digits no number"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&digits=٦", "whole numbers", id="digits of another script"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&period=-30", "whole numbers", id="period negative"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&period=3601", "1 to 3600", id="period too long"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&algorithm=CANARY", "SHA1, SHA256, SHA512", id="algorithm"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&secret=CANARY", "more than once", id="two secrets"),
        pytest.param({}, "neither", id="empty dictionary"),
        pytest.param({"secret": "", "key_uri": None}, "neither", id="empty entries"),
        pytest.param({"secret": 234567}, "must be strings", id="a number in the dictionary"),
        pytest.param({"secret": {"secret": "CANARY"}}, "must be strings", id="nested"),
        pytest.param({"secret": OTHER_SECRET, "key_uri": URI}, "different", id="two secrets in one entry"),
        pytest.param(234567, "must be a string", id="a number"),
        pytest.param(None, "must be a string", id="nothing"),
        pytest.param(b"MFRGGZDF", "must be a string", id="bytes"),
    ],
)
def test_what_is_refused_and_never_repeated(value: Any, message: str) -> None:
    with pytest.raises(SecretError, match=message) as caught:
        parse(value)
    assert "canary" not in str(caught.value).lower()
    assert OTHER_SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


# --- the stored dictionary, and what an Otp tells ------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"secret": RFC_SECRET.lower(), "device_id": "1"}, id="secret alone"),
        pytest.param({"secret": RFC_SECRET, "key_uri": URI}, id="both"),
        pytest.param({"secret": "", "key_uri": URI}, id="URI alone"),
        pytest.param({"secret": URI}, id="a URI as the secret"),
    ],
)
def test_stored_dictionary(entry: dict[str, Any]) -> None:
    assert parse(entry).secret == RFC_SECRET


def test_a_stored_uri_brings_its_parameters() -> None:
    uri = f"otpauth://totp/x?secret={RFC_SECRET}&digits=8&algorithm=SHA256&period=60"
    source = parse({"secret": RFC_SECRET, "key_uri": uri})
    assert (source.digits, source.algorithm, source.period) == (8, "SHA256", 60)


@pytest.mark.parametrize("name", ["SHA256", "sha256", "SHA-256", "sha_256", "HmacSHA256", " sha256 "])
def test_spellings_of_an_algorithm(name: str) -> None:
    assert otp.parse_algorithm(name) == "SHA256"


def test_the_secret_is_not_in_its_repr() -> None:
    assert RFC_SECRET not in repr(parse(URI))


def test_the_digest_tells_secrets_apart_and_ignores_the_rest() -> None:
    digest = parse(RFC_SECRET).digest
    assert digest == parse(URI).digest
    assert digest != parse(OTHER_SECRET).digest
    assert len(digest) == 16
    for spelling in (RFC_SECRET, RFC_KEY.hex()):  # the record keeps the digest in plain text
        assert digest not in spelling.lower()


def test_short_secrets_compute() -> None:
    short = parse("MFRGGZDFMZTWQ2LK")
    assert short.bits == 80 < otp.SAFE_BITS
    assert len(short.code_at(1)) == 6


@pytest.mark.parametrize("period", [1, otp.MAX_PERIOD])
def test_the_shortest_and_the_longest_period(period: int) -> None:
    assert Otp(RFC_SECRET, period=period).period == period


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"digits": 5}, "6, 7 or 8"),
        *[({"period": period}, "period") for period in (0, -1, otp.MAX_PERIOD + 1)],
        ({"algorithm": "MD5"}, "must be one of SHA1, SHA256, SHA512"),
    ],
)
def test_values_out_of_range_are_refused_also_without_a_uri(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SecretError, match=message):
        Otp(RFC_SECRET, **change)


def test_a_secret_of_letters_at_the_edge_of_the_alphabet() -> None:
    assert parse("XXXXXXXX====").secret == "XXXXXXXX"
    assert parse("aaaaaaaa-zzzzzzzz 22222222 77777777").secret == "AAAAAAAAZZZZZZZZ2222222277777777"
