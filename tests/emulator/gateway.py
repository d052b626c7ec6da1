# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in front of the service and answers in its place (contract, Faults): it knows nothing of the matter."""

from __future__ import annotations

from http import HTTPStatus

from .wire import Answer, Refusal

BODIES = ("json", "echo", "html", "empty", "foreign")
_CHALLENGES = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}


def gateway_answer(status: int, body: str, headers: list[tuple[str, str]] | None = None, request: str = "") -> Answer:
    """An answer of any status: the service's fault in `json`, a page in `html`, `empty`, or `foreign` JSON.

    :param request: what was sent, which `echo` repeats in the message of the service's fault.
    """
    sent = list(headers or [])
    if body in ("json", "echo"):
        refusal = Refusal(status, f"Cannot serve {request}" if body == "echo" else "A fault on demand")
        return Answer(status, {refusal.name: {"code": status, "message": refusal.message}}, sent)
    if status in _CHALLENGES:
        sent.append((_CHALLENGES[status], 'Basic realm="gateway"'))
    if body == "empty":
        return Answer(status, None, sent)
    if body == "foreign":
        return Answer(status, {"error": phrase(status), "status": status}, sent)
    page = f"<html><head><title>{status} {phrase(status)}</title></head><body><h1>{phrase(status)}</h1></body></html>"
    return Answer(status, page.encode(), [*sent, ("Content-Type", "text/html")])


def phrase(status: int) -> str:
    """The words of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
