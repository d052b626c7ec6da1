# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals before the work that the contract allows at any time: the rate limit, and seeded trouble."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timezone
from email.utils import formatdate
from typing import Any

from .behavior import BEHAVIORS, Behavior
from .gateway import gateway_answer
from .wire import Answer, Refusal


class RateLimit:
    """Every n-th request of the service is refused, whoever sends it."""

    def __init__(self) -> None:
        self._count = 0

    def refusal(self, behavior: Behavior, now: float) -> Refusal | None:
        """Count a request and refuse it if it is its turn."""
        if behavior.rate_limit == "off":
            return None
        self._count += 1
        if self._count % behavior.rate_limit_every:
            return None
        bare = behavior.rate_limit.endswith("_bare")
        seconds = None if bare else behavior.retry_after
        return over_limit(int(behavior.rate_limit[:3]), seconds, behavior.retry_after_form, now)


def over_limit(status: int, retry_after: int | None, form: str = "seconds", now: float = 0.0) -> Refusal:
    """The refusal of a rate limit, which may tell when to try again: in a header, or in the body."""
    refusal = Refusal(status, "OverLimit Retry...")
    if retry_after is None:
        return refusal
    if form == "body":
        refusal.members["retryAfter"] = retry_after
    elif form == "body_date":
        refusal.members["retryAfter"] = datetime.fromtimestamp(int(now) + retry_after, timezone.utc).isoformat()
    else:
        refusal.headers.append(("Retry-After", retry_after_text(retry_after, form, now)))
    return refusal


def retry_after_text(seconds: int, form: str, now: float) -> str:
    """`Retry-After` in seconds, or as the `Date` of that moment."""
    return formatdate(int(now) + seconds, usegmt=True) if form == "date" else str(seconds)


_REFUSALS = ("limit", "limit", "unavailable", "gateway")
_SELDOM = (False, False, False, True)
PER_ANSWER: dict[str, tuple[Any, ...]] = {
    "authenticated_by": ("documented", "reversed"),
    "page_size": (1, 2, 5, 100),
    "key_style": ("service", "service", "documented"),
    "missing_mfa_flag": _SELDOM,
    "missing_factor_type": _SELDOM,
    "missing_domain_level": _SELDOM,
} | {
    name: BEHAVIORS[name]
    for name in (
        "creation_status",
        "settings_status",
        "deletion_status",
        "phone_status",
        "phone_numbers",
        "location",
        "list_order",
        "empty_pages",
        "link_style",
        "link_base",
        "challenge_factor",
        "challenge_headers",
        "session_ids",
        "full_stop",
        "error_prefix",
        "expires_style",
        "access_without",
        "missing_mfa_state",
        "bypass_duration",
    )
}
PER_SERVICE = (
    "setup_token_dies",
    "mfa_on_revokes",
    "required_revokes",
    "required_spares",
    "sms_digits",
    "bypass_digits",
    "bypass_life",
)


class Trouble:
    """Allowed nuisances at random, the same ones for the same seed and the same requests in a row.

    No request is refused twice in a row, so that a client that tries again gets on.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._random = random.Random(seed)
        self._nature: dict[str, Any] = {name: self._random.choice(BEHAVIORS[name]) for name in PER_SERVICE}
        self._troubled: set[tuple[str, str]] = set()

    def vary(self, behavior: Behavior) -> Behavior:
        """The behavior for one request: the freedoms of each answer anew, those of a service once and for all."""
        chosen = {name: self._random.choice(values) for name, values in PER_ANSWER.items()}
        return replace(behavior, **self._nature, **chosen)

    def hides_devices(self, method: str, path: str) -> bool:
        """Whether this list of devices comes back empty by mistake."""
        return self._hit(0.03, method, f"devices of {path}")

    def refusal(self, method: str, path: str, now: float) -> Refusal | Answer | None:
        """For a share of the requests a rate limit, a 503, or the page of a gateway."""
        if not self._hit(0.08, method, path):
            return None
        choose = self._random.choice
        kind, seconds, form = choose(_REFUSALS), choose((None, 0, 1)), choose(BEHAVIORS["retry_after_form"])
        if kind == "limit":
            return over_limit(choose((413, 429)), seconds, str(form), now)
        if kind == "gateway":
            return gateway_answer(choose((413, 429, 502, 503)), choose(("html", "empty")))
        return Refusal(503, "Service Unavailable")

    def _hit(self, share: float, method: str, path: str) -> bool:
        if (method, path) in self._troubled:
            self._troubled.discard((method, path))
            return False
        if self._random.random() >= share:
            return False
        self._troubled.add((method, path))
        return True
