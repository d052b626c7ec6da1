# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `Link` header: where the next page is. Private to the collection (contract, "Operations"; RFC 8288)."""

from __future__ import annotations

import re

_TOKENS = re.compile(
    r"""<(?P<url>[^<>]*)>|;\s*(?P<name>[\w-]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s,;"']+))"""
)
"""Read from the left, each character once or twice: the time is linear in the length, whatever is in it."""


def next_query(link: str) -> str | None:
    """Return the query of the link whose relation is `next`; None when there is no such link.

    Of the URL only the query is of use: a gateway may print a host and a path of its own.
    """
    url, is_related = None, False
    for token in _TOKENS.finditer(link):
        if token["url"] is not None:
            url, is_related = token["url"], False
        elif url is not None and token["name"].casefold() == "rel" and not is_related:
            is_related = True  # further relations of the same link do not count
            relations = next(value for value in token.group("double", "single", "bare") if value is not None)
            if "next" in relations.casefold().split():
                return url.partition("#")[0].partition("?")[2]
    return None
