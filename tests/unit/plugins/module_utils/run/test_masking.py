# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results as plain data with the secrets masked, by the rules of `AnsibleModule`."""

from __future__ import annotations

import base64
import copy
import datetime
import html
import json
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.api import texts
from ansible_collections.rackspace.identity.plugins.module_utils.api.faults import refusal
from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import Answer
from ansible_collections.rackspace.identity.plugins.module_utils.run.masking import (
    PART,
    WHOLE,
    in_builtin_types,
    masked,
    masked_failure,
    masked_words,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.text()


class Marked(str):
    """Text with something hung on it, as Ansible's own; it gives itself up to none but `str.__str__`."""

    __slots__ = ()

    def __str__(self) -> str:
        return copy.copy(self)


class Encrypted:
    """The encrypted string of older cores is no `str`."""

    def __str__(self) -> str:
        return "decrypted"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("s3cret", WHOLE),
        ("a s3cret within", f"a {PART} within"),
        ({"s3cret": {"deep": ["s3cret"]}}, {"s3cret": {"deep": [WHOLE]}}),
        ("longer-s3cret", WHOLE),
        ("a longer-s3cret", f"a {PART}"),
        (42, WHOLE),
        (1420, WHOLE),
        (4.25, 4.25),
        (None, None),
        (True, True),
    ],
)
def test_what_is_masked(value: Any, expected: Any) -> None:
    assert masked(value, {"s3cret", "longer-s3cret", "42", "True", "None", "", " "}) == expected


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("ends with a line\n", "it was ends with a line."),
        ("two  blanks\there", "it was two blanks here."),
        ("an\x1b[1mescape", "it was an escape."),
        ("sm\u00f6rg\u00e5s", r"it was sm\u00f6rg\u00e5s."),
        ("sm\u00f6rg\u00e5s", "it was sm%C3%B6rg%C3%A5s."),
        ("qu\"o'te\\d", r"it was qu\"o'te\\d."),
        ("tok+e/n==", "/tokens/tok%2Be%2Fn%3D%3D"),
        ("a\u200bname", "it was a\ufffdname."),
    ],
)
def test_a_secret_is_found_as_json_a_url_and_a_terminal_spell_it(secret: str, text: str) -> None:
    shown = masked(text, {secret})
    assert PART in shown
    assert len(shown.replace(PART, "")) < 12


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abcdefghij", PART),
        ("abcdefg defghij", f"{PART} {PART}"),
        ("hijhijhij.", f"{PART}."),
        ("so correct horse bat\u2026", f"so {PART}\u2026"),
        ("so correct horse bat\u2026\ufffd, a name", f"so {PART}\u2026\ufffd, a name"),
        ("so correct horse bat", "so correct horse bat"),
    ],
    ids=["overlap", "apart", "overlap of itself", "cut", "a cut name", "not cut"],
)
def test_of_two_secrets_that_overlap_and_of_one_that_is_cut_nothing_is_left(text: str, shown: str) -> None:
    assert masked(text, {"abcdefg", "defghij", "hijhij", "correct horse battery"}) == shown


SPELLED = "it's <R&D>/ü + 😀\tb\\n%41"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "HTML": html.escape,
    "HTML by number": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "a URL": urllib.parse.quote,
    "a URL in small letters": lambda text: re.sub("%..", lambda one: one[0].lower(), urllib.parse.quote(text, safe="")),
    "a form": urllib.parse.quote_plus,
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "the same": str,
    "capitals": str.upper,
    "small letters": str.lower,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64 of a URL": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
}


PASSWORD = "Zq7vNarwhal-P/w"
SPLIT: dict[str, Callable[[str], str]] = {
    "a blank after each": " ".join,
    "a soft hyphen": lambda text: f"{text[:6]}\u00ad{text[6:]}",
    "a line end": lambda text: f"{text[:6]}\n{text[6:]}",
    "NUL": lambda text: f"{text[:6]}\0{text[6:]}",
    "an escape sequence": lambda text: f"{text[:6]}\x1b[1m{text[6:]}",
    "a change of direction": lambda text: f"{text[:6]}\u202e{text[6:]}",
    "a joiner": lambda text: f"{text[:6]}\u034f{text[6:]}",
    "a variation": lambda text: f"{text[:6]}\ufe0f{text[6:]}",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_words_with_a_secret_in_another_spelling_are_masked(spelling: str) -> None:
    said = texts.message(f"It was {SPELLINGS[spelling](SPELLED)} that was refused.")
    assert masked_words(said, {SPELLED}).replace('"', "") in (WHOLE, f"It was {PART} that was refused.")
    assert masked_words("It was another + 1 that was refused.", {SPELLED}).startswith("It was another")


@pytest.mark.parametrize("spelling", SPLIT)
def test_so_are_words_in_which_something_stands_in_the_middle_of_it(spelling: str) -> None:
    """It is shown as a blank, or not at all."""
    said = texts.message(f"It was {SPLIT[spelling](PASSWORD)} that was refused.")
    assert masked_words(said, {PASSWORD}) == WHOLE
    assert masked_words(said, {"another password"}) == said


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_so_is_the_first_part_of_one_before_the_cut(spelling: str) -> None:
    secret = "of many words & <signs>, " * 20
    shown = masked_words(texts.message("It was " + SPELLINGS[spelling](secret)), {secret})
    assert not re.search("words|sign", shown, re.IGNORECASE)


@pytest.mark.parametrize(
    ("said", "shown"),
    [(None, f"a {PART}"), ("", f"a {PART}"), ("a R&amp;D-1", WHOLE), ("a R&amp;D-1.", f"{WHOLE}.")],
)
def test_our_own_words_around_those_of_the_service_stay(said: str | None, shown: str) -> None:
    failure = {"msg": f"Check it: {said or 'a R&amp;D-1'} So it is.", "error": {"service_message": said}}
    assert masked_failure(failure, {"R&D-1"})["msg"] == f"Check it: {shown} So it is."


@pytest.mark.parametrize("spelling", SPELLINGS | SPLIT)
def test_where_a_redirect_leads_shows_no_secret(spelling: str) -> None:
    spelled = (SPELLINGS | SPLIT)[spelling](PASSWORD)
    place = Answer(302, {"Location": f"http://{spelled}.example.com/x"}, b"")
    failure = masked_failure(refusal(place, "The login").as_failure(), {PASSWORD})
    shown = masked(failure, {PASSWORD})["msg"]
    assert shown.startswith("The login was redirected")
    assert "which is not followed. Check O(auth_endpoint). That was HTTP status 302." in shown
    told = shown.casefold()
    assert not any(part.casefold() in told for part in ("7vNa", spelled[:12]))


@pytest.mark.parametrize("name", ["ZQ7VNARWHAL-P/W", "zq7vna\ufffdrwhal-p/w", "WnE3dk5hcndoYWwtUC93"])
def test_a_name_in_our_own_words_shows_none(name: str) -> None:
    failure = {"msg": f"O(auth_token) is that of {name} and not of ada.", "error": {"service_message": None}}
    assert masked_failure(failure, {PASSWORD})["msg"] == f"O(auth_token) is that of {PART} and not of ada."
    assert masked_failure({"msg": f"It is {name}."}, {PASSWORD}) == {"msg": f"It is {PART}"}


def test_a_secret_as_it_was_sent_leaves_the_word_around_it_to_be_masked() -> None:
    failure = {"msg": "O(password) is no-s3cret, a word."}
    assert masked(masked_failure(failure, {"s3cret", "password"}), {"s3cret"})["msg"] == (
        f"O(password) is no-{PART}, a word."
    )


@pytest.mark.parametrize(("secret", "is_found"), [("thes", False), ("these", False), ("theser", True)])
def test_the_end_of_a_word_and_the_beginning_of_the_next_are_no_short_secret(secret: str, is_found: bool) -> None:
    said = "As the service says, it is one."
    assert masked_words(said, {secret}) == (WHOLE if is_found else said)


def test_a_word_that_begins_as_a_secret_does_stays() -> None:
    said = f"The service{texts.CUT}"
    assert masked_words(said, {"event"}) == said


def test_what_stands_before_each_cut_is_masked() -> None:
    """Such as a name, and the message with it."""
    shown = masked(f"It is passphra{texts.CUT}, of passph{texts.CUT}", {"passphrase"})
    assert shown == f"It is {PART}{texts.CUT}, of {PART}{texts.CUT}"


@pytest.mark.parametrize("secret", ["", " ", "+++", "\\\\", "R&D", "as"])
def test_words_are_readable_with_a_secret_that_is_next_to_nothing(secret: str) -> None:
    assert masked_words("As it says: r&amp;d.", {secret}) == "As it says: r&amp;d."


def test_a_name_stays_whole_also_if_a_secret_is_a_part_of_it() -> None:
    result = {"user": {"name": "alice"}, "said": "alice is here", "other": "lice"}
    assert masked(result, {"lice"}, {"alice"}) == {
        "user": {"name": "alice"},
        "said": f"a{PART} is here",
        "other": WHOLE,
    }


def test_an_id_that_the_next_task_sends_has_no_short_secret() -> None:
    result = {"user": {"id": "a1b2", "domain_id": 1234, "name": "a"}, "device_id": "a", "keep": {"id": "of s3cret"}}
    assert masked(result, {"a", "1", "s3cret"}) == {
        "user": {"id": "a1b2", "domain_id": 1234, "name": WHOLE},
        "device_id": "a",
        "keep": {"id": f"of {PART}"},
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Marked("text"), "text"),
        ({Marked("key"): (Marked("item"), 1)}, {"key": ["item", 1]}),
        (b"\xff", "\udcff"),
        (Encrypted(), "decrypted"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        ({1: "one"}, {"1": "one"}),
        ({"a"}, ["a"]),
    ],
)
def test_what_comes_out_is_builtin(value: Any, expected: Any) -> None:
    plain = in_builtin_types(value)
    assert plain == expected
    assert _types(plain) <= {str, dict, list, int}


@given(
    st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
    st.sets(st.text(min_size=1), max_size=3),
)
def test_no_secret_is_left_in_any_text(value: Any, secrets: set[str]) -> None:
    assert in_builtin_types(value) == value
    for text in _texts(masked(value, secrets)):
        bare = text.replace(WHOLE, "").replace(PART, "")
        # What is left may only look like a secret where a mark was put in the middle of one.
        assert PART in text or text == WHOLE or not any(secret in bare for secret in secrets)


def _types(value: Any) -> set[type]:
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return {type(value)}.union(*map(_types, inner))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def test_a_number_that_python_does_not_write_becomes_words() -> None:
    assert masked({"count": 10**5000}, ["5"]) == {"count": "a number of more than 4000 digits"}
