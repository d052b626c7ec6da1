# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a code counts: accepted steps, replay, bypass codes and the lock-out.

Contract, Authentication 3 and 4, and OTP devices.
"""

from __future__ import annotations

from .behavior import Behavior
from .state import OtpDevice, Session, User, World
from .totp import PERIOD, code_at, step_of

LOCKED_MESSAGE = "The account has been locked due to excessive invalid attempts"


def accepted_steps(now: float, behavior: Behavior) -> tuple[int, ...]:
    """The time steps whose codes the service takes at a moment, the latest first."""
    step = step_of(now)
    if behavior.accepted_steps == "strict":
        return (step,)
    if behavior.accepted_steps == "wide":
        return (step + 1, step, step - 1)
    if behavior.accepted_steps == "lagging":
        step = step_of(now - min(behavior.lag, PERIOD))
    return (step, step - 1)


def match(device: OtpDevice, code: str, purpose: str, now: float, behavior: Behavior) -> str:
    """`accepted`, `refused` or `replayed`. An accepted code is spent for its purpose, a refused one is not."""
    steps = [step for step in accepted_steps(now, behavior) if code_at(device.secret, step) == code]
    fresh = [step for step in steps if not _is_spent(device, step, behavior.replay)]
    if not fresh:
        return "replayed" if steps else "refused"
    device.used[fresh[0]] = purpose
    return "accepted"


def _is_spent(device: OtpDevice, step: int, replay: str) -> bool:
    purpose = device.used.get(step)
    return purpose is not None and (replay == "refused" or (replay == "logins" and purpose == "login"))


def check_login(world: World, user: User, session: Session, code: str, behavior: Behavior) -> str:
    """The outcome of a passcode at the second step: of a device, of an SMS, or a bypass code."""
    now = world.clock.now()
    if _spend_bypass_code(user, code, now):
        return "accepted"
    if user.factor_type == "SMS":
        if session.sms_code != code:
            return "refused"
        session.sms_code = None
        return "accepted"
    outcomes = {match(device, code, "login", now, behavior) for device in user.verified_devices()}
    return next((outcome for outcome in ("accepted", "replayed") if outcome in outcomes), "refused")


def _spend_bypass_code(user: User, code: str, now: float) -> bool:
    for bypass in user.bypass_codes:
        if bypass.code == code and (bypass.expires is None or now < bypass.expires):
            user.bypass_codes.remove(bypass)
            return True
    return False


def is_locked(world: World, user: User, behavior: Behavior) -> bool:
    """Whether the account is locked now. The count ends so many minutes after the last failure."""
    if user.last_failure is not None and world.clock.now() >= user.last_failure + 60 * behavior.lock_minutes:
        clear_failures(user)
    return user.mfa_enabled and user.failures >= behavior.lock_threshold


def note_failure(world: World, user: User, behavior: Behavior) -> None:
    """Count a wrong passcode, and remember that the account has been locked once."""
    user.failures += 1
    user.last_failure = world.clock.now()
    user.was_locked = user.was_locked or is_locked(world, user, behavior)


def clear_failures(user: User) -> None:
    """After a success, an unlock, MFA off, or the time of a lock."""
    user.failures, user.last_failure = 0, None
