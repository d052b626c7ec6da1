# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets, otpauth URIs, time steps and codes."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.otp import secret as otp
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp, PyotpMissing, SecretError, parse

RFC_KEY = b"12345678901234567890"
RFC_SECRET = base64.b32encode(RFC_KEY).decode()
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
        pytest.param("mfrggzdfmy", id="lower"),
        pytest.param("MFRG GZDF MY", id="spaces"),
        pytest.param("mfrg-gzdf-my", id="dashes"),
        pytest.param(" \tMFRG\u00a0GZDF\nMY \r\n", id="white space of any kind"),
        pytest.param("MFRGGZDFMY======", id="padded"),
        pytest.param("MFRGGZDFMY=", id="padding too short"),
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


# --- otpauth URIs ----------------------------------------------------------------------------------------------------


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


@given(st.text(min_size=1).filter(lambda name: name == name.strip()))
def test_no_name_hides_the_service_s_secret(name: str) -> None:
    source = parse(service_uri(name))
    assert (source.secret, source.issuer, source.account) == (RFC_SECRET, "Rackspace", name)


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


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(" - == ", "empty", id="nothing but trimmings"),
        pytest.param("MFRGG0DF", "not base32", id="a zero"),
        pytest.param("MFRG=GZDF", "not base32", id="padding in the middle"),
        pytest.param("MFRGGZDF\u0131", "not base32", id="a dotless i"),
        pytest.param("MFR", "not base32", id="no whole byte"),
        pytest.param("otpauth://totp/Rackspace:canary", "no parameter 'secret'", id="no query"),
        pytest.param("otpauth://totp/Rackspace:canary?issuer=x", "no parameter 'secret'", id="no secret"),
        pytest.param("otpauth://totp/canary?secret=&issuer=x", "empty", id="empty secret"),
        pytest.param("otpauth://totp/canary?secret=CANARY01&issuer=x", "not base32", id="secret no base32"),
        pytest.param("otpauth://hotp/canary?secret=MFRGGZDF&counter=1", "counters", id="hotp"),
        pytest.param("otpauth://canary/x?secret=MFRGGZDF", "unknown type", id="unknown type"),
        pytest.param("otpauth-migration://offline?data=canary", "no URI of the form", id="migration"),
        pytest.param("https://canary.example/", "no URI of the form", id="not otpauth"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&digits=5", "6, 7 or 8", id="digits too few"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&digits=9", "6, 7 or 8", id="digits too many"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&digits=canary", "whole numbers", id="digits no number"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&digits=٦", "whole numbers", id="digits of another script"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&period=0", "1 to 3600", id="period zero"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&period=-30", "whole numbers", id="period negative"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&period=3601", "1 to 3600", id="period too long"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&algorithm=CANARY", "SHA1, SHA256, SHA512", id="algorithm"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&algorithm=MD5", "SHA1, SHA256, SHA512", id="md5"),
        pytest.param("otpauth://totp/x?secret=MFRGGZDF&secret=CANARY", "more than once", id="two secrets"),
        pytest.param({}, "neither", id="empty dictionary"),
        pytest.param({"secret": "", "key_uri": None}, "neither", id="empty entries"),
        pytest.param({"secret": 234567}, "must be strings", id="a number in the dictionary"),
        pytest.param({"secret": {"secret": "CANARY"}}, "must be strings", id="nested"),
        pytest.param({"secret": OTHER_SECRET, "key_uri": service_uri("x")}, "different", id="two secrets in one entry"),
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


def strictly(uri: str) -> str | None:
    """The secret that a reader takes from a URI who knows nothing of the service's habits."""
    return dict(parse_qsl(urlsplit(uri).query)).get("secret")


@given(st.text(min_size=1).filter(lambda name: name == name.strip()))
def test_any_reader_understands_a_requoted_uri(name: str) -> None:
    uri = otp.requote(service_uri(name))
    assert parse(uri) == parse(service_uri(name))
    assert strictly(uri) == RFC_SECRET
    assert otp.requote(uri) == uri


@pytest.mark.parametrize("name", ["ansible", "my laptop", "a&b=c", "100% Grüße", "中文"])
def test_a_uri_that_all_understand_is_left_alone(name: str) -> None:
    assert otp.requote(service_uri(name)) == service_uri(name)


# --- the stored dictionary, and what an Otp tells ------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"secret": RFC_SECRET.lower(), "device_id": "1"}, id="secret alone"),
        pytest.param({"secret": RFC_SECRET, "key_uri": service_uri("x?y")}, id="both"),
        pytest.param({"secret": "", "key_uri": service_uri("x?y")}, id="URI alone"),
        pytest.param({"secret": service_uri("x?y")}, id="a URI as the secret"),
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


@pytest.mark.parametrize("change", [{"digits": 5}, {"period": 0}, {"algorithm": "MD5"}])
def test_values_out_of_range_are_refused_also_without_a_uri(change: dict[str, Any]) -> None:
    with pytest.raises(SecretError):
        replace(parse(RFC_SECRET), **change)


def test_the_secret_is_not_in_its_repr() -> None:
    assert RFC_SECRET not in repr(parse(service_uri("x")))


def test_the_digest_tells_secrets_apart_and_ignores_the_rest() -> None:
    digest = parse(RFC_SECRET).digest
    assert digest == parse(service_uri("x")).digest
    assert digest != parse(OTHER_SECRET).digest
    assert len(digest) == 16
    assert int(digest, 16) >= 0


def test_short_secrets_compute() -> None:
    short = parse("MFRGGZDFMZTWQ2LK")
    assert short.bits == 80 < otp.SAFE_BITS
    assert len(short.code_at(1)) == 6


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


@pytest.mark.parametrize("period", [1, otp.MAX_PERIOD])
def test_the_shortest_and_the_longest_period(period: int) -> None:
    assert Otp(RFC_SECRET, period=period).period == period
    for wrong in (0, -1, otp.MAX_PERIOD + 1):
        with pytest.raises(SecretError, match="period"):
            Otp(RFC_SECRET, period=wrong)


def test_an_unknown_algorithm_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(SecretError, match="must be one of SHA1, SHA256, SHA512"):
        Otp(RFC_SECRET, algorithm="MD5")


def test_marks_of_a_label_are_quoted_for_other_readers() -> None:
    assert otp.requote(key_uri("a?b#c", f"secret={RFC_SECRET}&issuer=R")) == key_uri(
        "a%3Fb%23c", f"secret={RFC_SECRET}&issuer=R"
    )


@pytest.mark.parametrize("letter", ["\u0131", "\u017f", "\u212a"])
def test_letters_that_become_ascii_in_upper_case_are_none_of_base32(letter: str) -> None:
    with pytest.raises(SecretError, match="not base32"):
        parse(f"{RFC_SECRET[:-1]}{letter}")


def test_a_secret_of_letters_at_the_edge_of_the_alphabet() -> None:
    assert parse("XXXXXXXX====").secret == "XXXXXXXX"
    assert parse("aaaaaaaa-zzzzzzzz 22222222 77777777").secret == "AAAAAAAAZZZZZZZZ2222222277777777"
