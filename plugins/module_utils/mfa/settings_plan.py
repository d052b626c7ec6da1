# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user's multi-factor settings are to become, and the steps to it. Pure. Private to the collection.

Source: contract, "Settings". One PUT changes one kind of thing, so a wish may be several, in the order that works.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..api.errors import Conflict, OptionError
from ..api.model import Device, Mfa, Phone

REQUIRED = "REQUIRED"
FACTOR_TYPES = ("OTP", "SMS")
LEVELS = ("DEFAULT", "OPTIONAL", REQUIRED)


class SettingsWish(NamedTuple):
    """What is asked for; None leaves as it is. `remove` is everything: settings, phones and OTP devices."""

    remove: bool = False
    enabled: bool | None = None
    factor_type: str | None = None
    enforcement_level: str | None = None
    unlock: bool = False


class SettingsStep(NamedTuple):
    """One PUT, or the DELETE if `change` is None. `shows` is what tells afterwards that it was done.

    `may_end_token`: it may end the tokens of the user that a password gave.
    """

    name: str
    change: dict[str, Any] | None
    shows: dict[str, Any]
    may_end_token: bool = False

    def is_shown_by(self, now: Mfa) -> bool:
        """Does the service show that it was done? What it does not tell says nothing against it."""
        return all(getattr(now, field) in (None, value) for field, value in self.shows.items())


_UNLOCK = SettingsStep("unlock", {"unlock": True}, {"state": "ACTIVE"})
_TURN_OFF = SettingsStep("turn_off", {"enabled": False}, {"enabled": False})
SET_LEVEL = "set_enforcement_level"
_REMOVE = SettingsStep("remove_everything", None, {})


def _set_level(have: Mfa, level: str) -> SettingsStep:
    """The step to that level, which may make MFA a duty: DEFAULT does when the domain demands it."""
    may_end_token = level == REQUIRED or (have.enforcement_level == "OPTIONAL" and not have.enabled)
    shows = {"enforcement_level": level}
    return SettingsStep(SET_LEVEL, {"userMultiFactorEnforcementLevel": level}, shows, may_end_token)


class SettingsPlan(NamedTuple):
    """The state before and after, and the steps between."""

    before: Mfa
    after: Mfa
    steps: tuple[SettingsStep, ...]

    @property
    def needs_devices(self) -> bool:
        """Does it need a verified device, since it turns MFA on, or over to another factor?"""
        return any(step.name in ("turn_on", "change_factor") for step in self.steps)

    @property
    def ends_token_before_its_end(self) -> bool:
        """May a step before the last end the tokens that a password gave?"""
        return any(step.may_end_token for step in self.steps[:-1])

    @property
    def turns_on_before_its_end(self) -> bool:
        """Does a login by password ask for a second factor before the last step?"""
        return any(step.name == "turn_on" for step in self.steps[:-1])


def compare(
    have: Mfa, wish: SettingsWish, devices: Sequence[Device] = (), phones: Sequence[Phone] = ()
) -> SettingsPlan:
    """Plan the way from what there is to what is asked for.

    Raises OptionError for a wish that makes no sense, and Conflict for what can't be or would lock the user out.
    :param devices, phones: what there is; only the removal and a factor that is not named look at them.
    """
    _check(have, wish)
    steps: list[SettingsStep] = []
    after = have
    if wish.unlock and have.state == "LOCKED":
        steps.append(_UNLOCK)
        after = after._replace(**_UNLOCK.shows)
    level: list[SettingsStep] = []
    if wish.enforcement_level and wish.enforcement_level != have.enforcement_level:
        level = [_set_level(have, wish.enforcement_level)]
        after = after._replace(enforcement_level=wish.enforcement_level)
    switch, after = _switch(after, wish, devices, phones)
    _check_level(after, wish, switch)
    # One that demands MFA goes after what it asks for. Any other goes first, as long as the token is good: it may allow
    # what follows, and turning MFA on ends the token.
    steps += switch + level if wish.enforcement_level == REQUIRED else level + switch
    return SettingsPlan(have, after, tuple(steps))


def _check(have: Mfa, wish: SettingsWish) -> None:
    if wish.enabled is False and wish.factor_type:
        raise OptionError("O(factor_type) makes no sense with enabled: false, which clears it. Leave one out.")
    if wish.remove and (wish.enabled is not None or wish.factor_type or wish.unlock):
        raise OptionError("state: absent removes everything: leave out enabled, factor_type and unlock.")
    if wish.factor_type and not wish.enabled and not have.enabled:
        raise Conflict("factor_type can't be set while multi-factor authentication is off. Add enabled: true.")


def _check_level(after: Mfa, wish: SettingsWish, switch: Sequence[SettingsStep]) -> None:
    """Refuse to turn MFA off, or to remove it, for those who must have it.

    What is off already may stay so, unless REQUIRED is asked for with it, which would lock the user out.
    """
    asks_for_both = wish.enforcement_level == REQUIRED and (wish.remove or wish.enabled is False)
    if after.enforcement_level == REQUIRED and not after.enabled and (switch or asks_for_both):
        raise Conflict(
            "The user's enforcement level is REQUIRED: without multi-factor authentication it could not log in, and "
            "nothing was changed. Set O(enforcement_level) to OPTIONAL or DEFAULT first, or in the same task."
        )


def _switch(
    now: Mfa, wish: SettingsWish, devices: Sequence[Device], phones: Sequence[Phone]
) -> tuple[list[SettingsStep], Mfa]:
    """The steps that turn MFA on, off or over, or remove it; none if nothing is to do.

    A removal leaves bypass codes and the count of failures (contract, "Operations"), which end when MFA is turned off.
    """
    off = now._replace(enabled=False, state=None, factor_type=None)
    turn_off = [_TURN_OFF] if now.enabled else []
    if wish.remove:
        return turn_off + ([_REMOVE] if turn_off or devices or phones else []), off
    if wish.enabled is False:
        return turn_off, off
    factor = {"factorType": wish.factor_type} if wish.factor_type else {}
    if wish.enabled and not now.enabled:
        chosen = wish.factor_type or only_factor(devices, phones)
        on = now._replace(enabled=True, state="ACTIVE", factor_type=chosen)
        return [SettingsStep("turn_on", {"enabled": True, **factor}, {"enabled": True}, may_end_token=True)], on
    if factor and wish.factor_type != now.factor_type:
        over = SettingsStep("change_factor", factor, {"factor_type": wish.factor_type})
        return [over], now._replace(**over.shows)
    return [], now


def only_factor(devices: Sequence[Device], phones: Sequence[Phone]) -> str | None:
    """The factor that the service chooses if none is named."""
    kinds = [("OTP", any(d.verified for d in devices)), ("SMS", any(p.verified for p in phones))]
    there = [factor for factor, verified in kinds if verified]
    return there[0] if len(there) == 1 else None


def check_devices(plan: SettingsPlan, devices: Sequence[Device], phones: Sequence[Phone]) -> None:
    """Raises Conflict if MFA would be turned on, or over, without a verified device of that kind."""
    if not plan.needs_devices:
        return
    if plan.after.factor_type is None:
        both = any(device.verified for device in devices)
        raise Conflict(
            "A phone and an OTP device are both verified: say which with O(factor_type)."
            if both
            else "The user has no verified device, and nothing was changed. Verify one first (rax_otp_device)."
        )
    kind: Sequence[Device | Phone] = devices if plan.after.factor_type == "OTP" else phones
    if not any(item.verified for item in kind):
        raise Conflict(
            f"The user has no verified device for factor_type {plan.after.factor_type}, and nothing was changed. "
            "Verify one first (rax_otp_device, rax_mobile_phone)."
        )
