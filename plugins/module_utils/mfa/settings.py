# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The multi-factor settings of a user: compare, plan, apply. Private to the collection.

Source: contract, "Settings". One PUT changes one kind of thing, so a wish may be several, in the order that works.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..api.errors import Conflict, OptionError, SetupRequired, TokenRefused
from ..api.model import Challenge, Device, Mfa, Phone, Scope
from ..login.refusals import KEY, without_refusals
from ..login.session import Session
from ..login.stored import OF_CODES, StoredEntry, check_id
from ..login.target import Target

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
    """One PUT, or the DELETE if `change` is None."""

    name: str
    change: dict[str, Any] | None


class SettingsPlan(NamedTuple):
    """The state before and after, and the steps between."""

    before: Mfa
    after: Mfa
    steps: tuple[SettingsStep, ...]

    @property
    def needs_devices(self) -> bool:
        """Does it need a verified device, since it turns MFA on, or over to another factor?"""
        return any(step.name in ("turn_on", "change_factor") for step in self.steps)


def compare(
    have: Mfa, wish: SettingsWish, devices: Sequence[Device] = (), phones: Sequence[Phone] = ()
) -> SettingsPlan:
    """Plan the way from what there is to what is asked for.

    Raises OptionError for a wish that makes no sense, and Conflict for what would lock the user out.
    :param devices, phones: what there is; only the removal and a factor that is not named look at them.
    """
    _check(have, wish)
    steps: list[SettingsStep] = []
    after = have
    if wish.unlock and have.state == "LOCKED":
        steps.append(SettingsStep("unlock", {"unlock": True}))
        after = after._replace(state="ACTIVE")
    level: list[SettingsStep] = []
    if wish.enforcement_level and wish.enforcement_level != have.enforcement_level:
        level = [SettingsStep("set_enforcement_level", {"userMultiFactorEnforcementLevel": wish.enforcement_level})]
        after = after._replace(enforcement_level=wish.enforcement_level)
    switch, after = _switch(after, wish, devices, phones)
    # A level that demands less goes before what the other forbids; one that demands more, after what it asks for.
    goes_first = wish.remove or wish.enabled is False or wish.enforcement_level == "OPTIONAL"
    steps += level + switch if goes_first else switch + level
    return SettingsPlan(have, after, tuple(steps))


def _check(have: Mfa, wish: SettingsWish) -> None:
    if wish.enabled is False and wish.factor_type:
        raise OptionError("O(factor_type) makes no sense with enabled: false, which clears it. Leave one out.")
    if wish.remove and (wish.enabled is not None or wish.factor_type or wish.unlock):
        raise OptionError("state: absent removes everything: leave out enabled, factor_type and unlock.")
    if wish.factor_type and not wish.enabled and not have.enabled:
        raise Conflict("factor_type can't be set while multi-factor authentication is off. Add enabled: true.")
    level = wish.enforcement_level or have.enforcement_level
    if level == REQUIRED and (wish.remove or wish.enabled is False):
        raise Conflict(
            "The user's enforcement level is REQUIRED: without multi-factor authentication it could not log in, and "
            "nothing was changed. Set O(enforcement_level) to OPTIONAL or DEFAULT first, or in the same task."
        )


def _switch(
    now: Mfa, wish: SettingsWish, devices: Sequence[Device], phones: Sequence[Phone]
) -> tuple[list[SettingsStep], Mfa]:
    """The step that turns MFA on, off or over, or removes it; none if nothing is to do."""
    off = now._replace(enabled=False, state=None, factor_type=None)
    if wish.remove:
        return ([SettingsStep("remove_everything", None)] if now.enabled or devices or phones else []), off
    if wish.enabled is False:
        return ([SettingsStep("turn_off", {"enabled": False})] if now.enabled else []), off
    factor = {"factorType": wish.factor_type} if wish.factor_type else {}
    if wish.enabled and not now.enabled:
        chosen = wish.factor_type or _only_factor(devices, phones)
        on = now._replace(enabled=True, state="ACTIVE", factor_type=chosen)
        return [SettingsStep("turn_on", {"enabled": True, **factor})], on
    if factor and wish.factor_type != now.factor_type:
        return [SettingsStep("change_factor", factor)], now._replace(factor_type=wish.factor_type)
    return [], now


def _only_factor(devices: Sequence[Device], phones: Sequence[Phone]) -> str | None:
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


class Settings:
    """Reads and changes the settings of one user."""

    def __init__(self, session: Session, target: Target) -> None:
        self._session = session
        self._target = target

    def plan(self, wish: SettingsWish, *, check_mode: bool, has_otp_device: bool = False) -> SettingsPlan:
        """Compare with what the service has. The devices are read only if something depends on them.

        One PUT alone that can't be done is refused by the service, with nothing changed: reading the devices before it
        would cost every enrollment a request. They are read where nothing may be sent, where more would be sent before
        the refusal, and where the service would choose the factor.

        :param has_otp_device: a task before has verified an OTP device, in check mode it would have.
        """
        have = self._have(wish)
        plan = compare(have, wish)
        if has_otp_device and wish.factor_type == "OTP":
            return plan
        one_refusable_put = len(plan.steps) == 1 and wish.factor_type and not check_mode
        if not ((plan.needs_devices and not one_refusable_put) or (wish.remove and not have.enabled)):
            return plan
        devices, phones = self._session.client.all_devices(self._target.id)
        plan = compare(have, wish, devices, phones)
        check_devices(plan, devices, phones)
        return plan

    def _have(self, wish: SettingsWish) -> Mfa:
        """What the service shows. The factor may be missing there: the one kind of verified device tells it then.

        With both kinds it is unknown (contract, "Settings"), and it is set again: that changes nothing else.
        """
        have = self._target.mfa
        if have.enabled and not have.factor_type and wish.factor_type:
            return have._replace(factor_type=_only_factor(*self._session.client.all_devices(self._target.id)))
        return have

    def apply(self, plan: SettingsPlan) -> None:
        """Send the steps, in their order."""
        for step in plan.steps:
            if step.change is None:
                self._session.client.remove_mfa(self._target.id)
            elif step.name == "turn_on":
                self._enable(step.change)
            else:
                doing = f"Changing the settings ({step.name})"
                self._session.client.change_settings(self._target.id, step.change, doing)
            if step.name in ("unlock", "turn_off"):
                self._forget_refusals()

    def _enable(self, change: dict[str, Any]) -> None:
        """Turn MFA on. It takes the token that a password gave with it: after a lost answer the repeat is a 401."""
        doing = "Turning multi-factor authentication on"
        client = self._session.client
        with self._target.record.changing():
            pass  # a record that can't be used must stop the task before MFA is on, not after
        try:
            client.change_settings(self._target.id, change, doing, renew=False)
        except TokenRefused:
            if self._is_on():
                return self._note_the_time()
            client.change_settings(self._target.id, change, doing, renew=False)
        return self._note_the_time()

    def _is_on(self) -> bool:
        """After a refused token: a challenge means that MFA is on; a token, and "must set up", that it is not."""
        session = self._session
        try:
            begun = session.login.begin()
        except SetupRequired:
            begun = session.login.begin(Scope.SETUP_MFA)
        if isinstance(begun, Challenge):
            return True
        session.use(begun)
        return False

    def _forget_refusals(self) -> None:
        """The service counts anew after an unlock, and after MFA was off (contract, "Authentication", 4)."""
        now = self._session.transport.clock.now()[0]
        with self._target.record.changing() as account:
            account.clear(now)
        stored = self._session.stored
        if stored is not None and KEY in stored.entry:
            # For other controllers. This one has its record, whatever becomes of the note.
            with contextlib.suppress(OptionError):
                stored.amend(without_refusals)

    def _note_the_time(self) -> None:
        """A session that begins in the next seconds may be dead at once: the second step of a login has to know."""
        now = self._session.transport.clock.now()[0]
        with self._target.record.changing() as account:
            account.mfa_on_at = now


def ready_store(target: Target, stored: StoredEntry, plan: SettingsPlan) -> None:
    """Make sure of the store before the first change: what comes after it must be able to save.

    Codes that are still stored when MFA is turned on are void since it was off, and go before it is on.

    :raises OptionError: the store cannot be used, or its entry is another account's.
    """
    if not plan.steps:
        return
    entry = stored.open(target.record)
    check_id(entry, target.name, target.id)
    turns_on = any(step.name == "turn_on" for step in plan.steps)
    has_void_codes = turns_on and bool(entry.get("bypass_codes"))
    if has_void_codes or not turns_on:
        stored.prepare()
    if has_void_codes:
        stored.save({key: value for key, value in entry.items() if key not in OF_CODES})
