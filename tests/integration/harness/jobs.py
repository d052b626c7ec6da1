# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four jobs of the role: what each begins with, and when an account has converged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .accounts import MakeLab, enrolled_lab
from .checks import ENROLLMENT, assert_enrolled
from .lab import Lab, User

ROTATION = ["create_device", "store_secret", "verify_device", "prove_login", "promote", "delete_previous"]
REMOVAL = ["turn_off", "delete_device", "remove_stored"]


@dataclass(frozen=True)
class Job:
    """A job.

    :param requests: how many it makes when all goes well.
    :param steps: what it then does.
    :param make: the lab that it begins with (options of `enrolled_lab`).
    :param check: gets the lab and the entry before the job.
    :param guesses: how many logins use a stored secret of which nobody knows which time steps the service takes. A
        service that takes the current step alone refuses the first guess.
    :param settles: whether a second run has nothing to do. The others have a new device made each time.
    """

    requests: int
    steps: list[str]
    make: Callable[..., Lab]
    check: Callable[[Lab, dict[str, Any]], None]
    guesses: int = 0
    settles: bool = False


def assert_replaced(lab: Lab, old: dict[str, Any]) -> None:
    """One device, a new one, whose secret is stored; nothing is pending."""
    assert_enrolled(lab)
    entry = lab.entry()
    assert entry["device_id"] != old["device_id"]
    assert "next" not in entry
    assert "previous" not in entry
    assert sorted(entry.get("bypass_codes", [])) == sorted(code["code"] for code in lab.account()["bypass_codes"])


def assert_removed(lab: Lab, _old: dict[str, Any]) -> None:
    """MFA is off, and neither the device nor the entry is there."""
    user = lab.account()
    assert (user["mfa_enabled"], user["otp_devices"], lab.entry()) == (False, [], {})


def _new_lab(make_lab: MakeLab, *, behavior: dict[str, Any] | None = None, name: str = "", **seed: Any) -> Lab:
    """A lab on whose user's account nothing was done yet; its device will have the name, which nothing has to know."""
    del name
    return make_lab(User(seed=seed), behavior=behavior)


def _lab_with_codes(make_lab: MakeLab, **options: Any) -> Lab:
    return enrolled_lab(make_lab, codes=3, **options)


JOBS = {
    "enroll": Job(9, ENROLLMENT, _new_lab, lambda lab, _old: assert_enrolled(lab), settles=True),
    "rotate": Job(11, ROTATION, enrolled_lab, assert_replaced, guesses=1),
    "recover": Job(12, [*ROTATION, "keep_bypass_codes"], _lab_with_codes, assert_replaced),
    "remove": Job(7, REMOVAL, enrolled_lab, assert_removed, guesses=1, settles=True),
}
