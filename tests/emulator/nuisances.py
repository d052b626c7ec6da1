# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals before the work that the contract allows at any time: the rate limit, and seeded trouble."""

from __future__ import annotations

import random
from dataclasses import replace

from .behaviour import Behaviour
from .wire import Refusal


class RateLimit:
    """Every n-th request of the service is refused, whoever sends it."""

    def __init__(self) -> None:
        self._count = 0

    def refusal(self, behaviour: Behaviour) -> Refusal | None:
        """Count a request and refuse it if it is its turn."""
        if behaviour.rate_limit == "off":
            return None
        self._count += 1
        if self._count % behaviour.rate_limit_every:
            return None
        bare = behaviour.rate_limit.endswith("_bare")
        return over_limit(int(behaviour.rate_limit[:3]), None if bare else behaviour.retry_after)


def over_limit(status: int, retry_after: int | None) -> Refusal:
    """The refusal of a rate limit."""
    refusal = Refusal(status, "OverLimit Retry...")
    return refusal if retry_after is None else refusal.with_header("Retry-After", str(retry_after))


class Trouble:
    """Allowed nuisances at random, the same ones for the same seed and the same requests in a row.

    No request is refused twice in a row, so that a client that tries again gets on.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._random = random.Random(seed)
        self._troubled: set[tuple[str, str]] = set()

    def vary(self, behaviour: Behaviour) -> Behaviour:
        """The behaviour for one request: every freedom that may change from answer to answer."""
        choose = self._random.choice
        return replace(
            behaviour,
            creation_status=choose((201, 200)),
            location=choose(("right", "misleading")),
            list_order=choose(("shuffled", "creation", "reversed")),
            authenticated_by=choose(("documented", "reversed")),
            page_size=choose((1, 2, 5, 100)),
            empty_pages=choose((False, True)),
            challenge_factor=choose(("PASSCODE", "OTPPASSCODE")),
            challenge_headers=choose(("single", "several", "joined")),
            full_stop=choose(("documented", "always", "never")),
            error_prefix=choose((False, True)),
            expires_style=choose(("offset", "zulu")),
            key_style=choose(("service", "service", "documented")),
        )

    def hides_devices(self, method: str, path: str) -> bool:
        """Whether this list of devices comes back empty by mistake."""
        return self._hit(0.03, method, f"devices of {path}")

    def refusal(self, method: str, path: str) -> Refusal | None:
        """A rate limit or a 503 for a share of the requests."""
        if not self._hit(0.08, method, path):
            return None
        retry_after = self._random.choice((None, 0, 1))
        if self._random.random() < 0.6:
            return over_limit(self._random.choice((413, 429)), retry_after)
        return Refusal(503, "Service Unavailable")

    def _hit(self, share: float, method: str, path: str) -> bool:
        if (method, path) in self._troubled:
            self._troubled.discard((method, path))
            return False
        if self._random.random() >= share:
            return False
        self._troubled.add((method, path))
        return True
