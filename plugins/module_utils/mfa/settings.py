# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The multi-factor settings of a user: compare, plan, apply. Private to the collection.

Source: contract, "Settings". What is planned is `settings_plan`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from ..api.calls import not_shown
from ..api.errors import Conflict, Forbidden, IdentityError, OptionError, PasscodeRequired, SetupRequired, TokenRefused
from ..api.model import Access, Challenge, Mfa
from ..api.texts import is_same_name
from ..login.session import Session
from ..login.target import Target
from .ending import carry_out, perhaps_done
from .settings_plan import (
    SET_LEVEL,
    SettingsPlan,
    SettingsStep,
    SettingsWish,
    check_devices,
    compare,
    only_factor,
)

_TURNING_ON = "Turning multi-factor authentication on"


class Settings:
    """Reads and changes the settings of one user."""

    def __init__(self, session: Session, target: Target) -> None:
        self._session = session
        self._target = target

    def plan(self, wish: SettingsWish, *, check_mode: bool) -> SettingsPlan:
        """Compare with what the service has. The devices are read only if something depends on them.

        One PUT alone that can't be done is refused by the service, with nothing changed: reading the devices before it
        would cost every enrollment a request. They are read where nothing may be sent, where more would be sent before
        the refusal, and where the service would choose the factor.
        """
        have = self._have(wish)
        plan = compare(have, wish)
        is_known = wish.factor_type == "OTP" and self._target.earlier.verified_device() is not None
        one_refusable_put = len(plan.steps) == 1 and wish.factor_type and not check_mode
        if (plan.needs_devices and not is_known and not one_refusable_put) or (wish.remove and not have.enabled):
            devices, phones = self._session.client.all_devices(self._target.id)
            plan = compare(have, wish, devices, phones)
            check_devices(plan, devices, phones)
        if self._target.is_self:
            self._check_own(plan, check_mode=check_mode)
        return plan

    @property
    def _logs_in_as_target(self) -> bool:
        """Does a challenge tell of the target's MFA? Beside an administrator's token may be the user's credentials."""
        target, username = self._target, self._session.who.username
        return target.is_self or (bool(username) and is_same_name(target.user.name, username))

    def _check_own(self, plan: SettingsPlan, *, check_mode: bool) -> None:
        """Refuse what the account can't do to itself, before anything is sent.

        The service refuses one PUT alone, with nothing changed.
        """
        names = {step.name for step in plan.steps}
        if SET_LEVEL in names and (check_mode or len(names) > 1) and self._is_default_user:
            raise Forbidden(
                "The account that logs in is a default user, which may not set an enforcement level. Nothing was "
                "changed. Leave O(enforcement_level) out, or let an administrator of the domain set it "
                "(O(target_user))."
            )
        if "unlock" in names:
            raise Forbidden(
                "The account is locked, and the service lets no account unlock itself. Nothing was changed. Let an "
                "administrator of the domain do it (O(target_user) names the locked user), or wait 31 minutes."
            )
        if plan.ends_token_before_its_end and not (self._can_log_in_after(plan) or self._token_stays):
            asks_for_code = plan.turns_on_before_its_end
            raise (PasscodeRequired if asks_for_code else Conflict)(
                f"The step {plan.steps[0].name} may end the token of this task, which can't log in again for the step "
                f"{plan.steps[-1].name}. Nothing was changed. Leave O(enforcement_level) out and set it in a task "
                "after it, or pass O(username) with O(api_key), or with O(password)"
                f"{' and O(otp_secret)' if asks_for_code else ''}."
            )

    def _can_log_in_after(self, plan: SettingsPlan) -> bool:
        """Can it log in again for the last step, with a second factor if MFA is on by then?"""
        who, stored = self._session.who, self._session.stored
        if who.api_key or not who.password:
            return bool(who.api_key)
        if who.factor.otp or who.factor.passcode or not plan.turns_on_before_its_end:
            return True
        return stored is not None and stored.holds_secret(self._target.record)

    @property
    def _token_stays(self) -> bool:
        """Does the token outlive that MFA is turned on, by what made it? One that a password alone gave does not."""
        return self._login is not None and self._login.authenticated_by not in ((), ("PASSWORD",))

    @property
    def _is_default_user(self) -> bool:
        """Do the roles of its login show that it is no administrator? Some of those are default users as well."""
        roles = self._login.roles if self._login else ()
        return "identity:default" in roles and not any("admin" in role or "manage" in role for role in roles)

    @functools.cached_property
    def _login(self) -> Access | None:
        """The login that the task works with; None for a token for the setup alone, which may not look itself up."""
        try:
            return self._session.current()
        except Forbidden:
            return None

    def _have(self, wish: SettingsWish) -> Mfa:
        """What the service shows. The factor may be missing there: the one kind of verified device tells it then.

        With both kinds it is unknown (contract, "Settings"), and it is set again: that changes nothing else. A task
        before whose token was for the setup alone did not see the level.
        """
        known = self._target.known_mfa
        if wish.enforcement_level and known and known.enforcement_level is None:
            self._target.look_again()
        have = self._target.mfa
        if have.enabled and not have.factor_type and wish.factor_type:
            return have._replace(factor_type=only_factor(*self._session.client.all_devices(self._target.id)))
        return have

    def apply(self, plan: SettingsPlan, warn: Callable[[str], None]) -> None:
        """Send the steps, in their order. The error of a later one says which were done before it."""
        done: list[str] = []
        try:
            for step in plan.steps:
                self._send(step, warn)
                done.append(step.name)
                if step.name in ("unlock", "turn_off"):
                    self._forget_refusals()
        except (IdentityError, OptionError) as error:
            if not done:
                raise
            so_far = f"Done so far: {', '.join(done)}. "
            raise error.reworded(f"{so_far}{error}") from None

    def _send(self, step: SettingsStep, warn: Callable[[str], None]) -> None:
        if step.change is None:
            self._session.client.remove_mfa(self._target.id)
        elif step.name == "turn_on":
            self._enable(step)
        else:
            self._change(step, warn)
        if step.may_end_token and self._logs_in_as_target:
            self._session.client.allow_renewal()

    def _change(self, step: SettingsStep, warn: Callable[[str], None]) -> None:
        """Send a step, and look at it when its answer proves nothing."""
        doing = f"Changing the settings ({step.name})"
        session, user_id = self._session, self._target.id
        carry_out(
            session,
            doing,
            lambda: session.client.change_settings(user_id, step.change or {}, doing),
            lambda: step.is_shown_by(session.client.user(user_id).mfa),
            warn,
            may_end_token=step.may_end_token and self._target.is_self,
        )

    def _enable(self, step: SettingsStep) -> None:
        """Turn MFA on. It takes the token that a password gave with it: after a lost answer the repeat is a 401."""
        with self._target.record.changing():
            pass  # a record that can't be used must stop the task before MFA is on, not after
        client, is_self = self._session.client, self._logs_in_as_target

        def send() -> bool:
            # The token of an administrator does not die with it.
            return client.change_settings(self._target.id, step.change or {}, _TURNING_ON, renew=not is_self)

        try:
            is_proved = send()
        except TokenRefused:
            if not is_self:
                raise
            is_proved = self._is_challenged() or send()
        if not is_proved and not self._is_on():
            raise not_shown(_TURNING_ON)
        self._note_the_time()

    def _is_on(self) -> bool:
        """Does the service show it? Its answer to the change was none of its own."""
        try:
            return self._shows_on()
        except TokenRefused:
            # It was good for the change, so it is likely that it died of it. A login tells for sure.
            return not self._can_log_in or self._is_challenged() or self._shows_on()

    def _shows_on(self) -> bool:
        try:
            return self._session.client.user(self._target.id, renew=not self._logs_in_as_target).mfa.enabled
        except Forbidden:
            return False  # a token for the setup alone may not look, and lives only while MFA is off

    @property
    def _can_log_in(self) -> bool:
        return bool(self._session.who.password or self._session.who.api_key)

    def _is_challenged(self) -> bool:
        """After a refused token: a challenge means that MFA is on; a token, and "must set up", that it may not be.

        :raises TokenRefused: there is nothing to log in with.
        """
        session = self._session
        if not self._can_log_in:
            self._note_the_time()
            raise perhaps_done(_TURNING_ON)
        try:
            begun = session.login.begin()
        except SetupRequired:
            begun = session.login.begin(for_setup=True)
        if isinstance(begun, Challenge):
            return True
        session.use(begun)
        return False

    def _forget_refusals(self) -> None:
        """The service counts anew after an unlock, and after MFA was off (contract, "Authentication", 4)."""
        now = self._session.transport.clock.now()[0]
        with self._target.record.changing() as account:
            account.clear(now)
        if self._session.stored is not None:
            self._session.stored.forget_refusals()

    def _note_the_time(self) -> None:
        """A session that begins in the next seconds may be dead at once: the second step of a login has to know."""
        now = self._session.transport.clock.now()[0]
        with self._target.record.changing() as account:
            account.mfa_on_at = now
