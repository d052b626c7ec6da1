# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON in and JSON out, nothing else (contract, head)."""

from __future__ import annotations

from aiohttp import web

from .wire import Refusal

# What covers JSON, the most specific first: its weight alone decides (RFC 9110, 12.5.1).
_RANGES = ("application/json", "application/*", "*/*")


def check_media_types(request: web.BaseRequest, raw: bytes) -> None:
    """Refuse a body that is not JSON (415), and a client that takes no JSON (406)."""
    if raw and request.content_type != "application/json":
        raise Refusal(415, "Unsupported media type")
    if not _accepts_json(", ".join(request.headers.getall("Accept", []))):
        raise Refusal(406, "Not acceptable")


def _accepts_json(accept: str) -> bool:
    """Whether an `Accept` header allows JSON; none at all, or an empty one, allows anything."""
    weights = dict(_weighted(entry) for entry in accept.split(",") if entry.strip())
    if not weights:
        return True
    return next((weights[kind] > 0 for kind in _RANGES if kind in weights), False)


def _weighted(entry: str) -> tuple[str, float]:
    """A media range and its weight. A weight that is no number is none."""
    kind, *parameters = (part.strip().lower() for part in entry.split(";"))
    for parameter in parameters:
        name, _unused, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return kind, float(value)
            except ValueError:
                return kind, 0.0
    return kind, 1.0
