# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `Link` header in all its forms."""

from __future__ import annotations

import time

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.links import next_query

FIRST = "<https://identity.example.com/v2.0/users?marker=first>"
NEXT = "<http://inside.example/cloud/v2.0/users?limit=1&marker=a,b;c#end>"


@pytest.mark.parametrize(
    "link",
    [
        f'{NEXT}; rel="next"',
        f"{NEXT}; rel='next'",
        f"{NEXT};rel=next",
        f"{NEXT} ; REL = NEXT",
        f'{NEXT}; rel="prev next"',
        f'{NEXT}; title="a, <b?x=1>; rel=prev"; rel="next"',
        f'{FIRST}; rel="first", {NEXT}; rel="next"',
        f'{FIRST}; rel="nextdoor", {NEXT}; rel=next, {FIRST}; rel="last"',
        f'{FIRST}; title="rel=next", {NEXT}; type=x; rel="next"',
        f'{FIRST}, {NEXT}; rel="next"',
    ],
)
def test_the_query_of_the_next_page(link: str) -> None:
    assert next_query(link) == "limit=1&marker=a,b;c"


@pytest.mark.parametrize(
    "link",
    [
        "",
        f"{NEXT}",
        f'{NEXT}; rel="prev"',
        "rel=next",
        "<; rel=next",
        f'{NEXT}; rel="prev"; rel="next"',
        "<a>; title=next",
    ],
)
def test_no_next_page(link: str) -> None:
    assert next_query(link) is None


def test_a_link_without_a_query_has_an_empty_one() -> None:
    assert next_query("</v2.0/users>; rel=next") == ""


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        ">",
        '<a>; rel="',
        ";a",
        "; ",
        "<a>;rel=",
        "'",
        '"',
        ";a='",
        "<a>; rel=x ",
        ";" + "a" * 500,
        ";a" + " " * 500,
    ],
)
def test_the_time_is_linear(unit: str) -> None:
    link = unit * (400_000 // len(unit))
    began = time.process_time()
    next_query(link)
    assert time.process_time() - began < 1
