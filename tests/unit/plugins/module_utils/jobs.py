# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs of the role as the chains of modules that they are, for runs in memory.

A job returns the names of its steps, in check mode those that would be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.rackspace.identity.plugins.modules import (
    rax_auth_token,
    rax_bypass_codes,
    rax_mfa_settings,
    rax_otp_device,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import PASSWORD
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Controller

Job = Callable[..., list[str]]


def _log_in(here: Controller, *, check_mode: bool, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result of the login, and the options that hand its token on."""
    login = here.call(rax_auth_token, check_mode=check_mode, scope="auto", **options)
    token = {"auth_token": login["token"]["id"], "user_id": login["user"]["id"]} if login["token"] else {}
    return login, {**options, **token}


def _steps(*results: dict[str, Any]) -> list[str]:
    return [step for result in results for step in result["steps"]]


def enroll(here: Controller, *, check_mode: bool = False, codes: int = 0, **options: Any) -> list[str]:
    """Main: a verified device whose secret is stored, MFA on, a proof."""
    login, who = _log_in(here, check_mode=check_mode, **options)
    device = here.call(rax_otp_device, check_mode=check_mode, state="verified", proof_password=PASSWORD, **who)
    settings = here.call(
        rax_mfa_settings, check_mode=check_mode, enabled=True, factor_type="OTP", seen=[login, device], **who
    )
    done = [device, settings]
    if not device["proved"] or device["changed"] or settings["changed"]:
        proof = here.call(rax_auth_token, check_mode=check_mode, require_second_factor=True)
        done.append(proof)
        who = {**who, "auth_token": proof["token"]["id"]} if proof["token"] else who
    if codes:
        done.append(here.call(rax_bypass_codes, check_mode=check_mode, count=codes, seen=[settings], **who))
    return _steps(*done)


def rotate(here: Controller, *, check_mode: bool = False, **options: Any) -> list[str]:
    """A new device in the place of the stored one; it logs in by itself."""
    return _steps(
        here.call(rax_otp_device, check_mode=check_mode, state="replaced", proof_password=PASSWORD, **options)
    )


def recover(here: Controller, *, check_mode: bool = False, **options: Any) -> list[str]:
    """A new device in the place of a lost one, and new bypass codes."""
    _login, who = _log_in(here, check_mode=check_mode, **{"use": "bypass_code", **options})
    device = here.call(
        rax_otp_device,
        check_mode=check_mode,
        state="replaced",
        replace_unstored=True,
        proof_password=PASSWORD,
        **who,
    )
    done = [device]
    if device["bypass_codes"] is not None:
        done.append(here.call(rax_bypass_codes, check_mode=check_mode, renew=True, **who))
    return _steps(*done)


def remove(here: Controller, *, check_mode: bool = False, **options: Any) -> list[str]:
    """MFA off, the device and the entry gone."""
    login, who = _log_in(here, check_mode=check_mode, **options)
    settings = here.call(rax_mfa_settings, check_mode=check_mode, enabled=False, seen=[login], **who)
    device = here.call(rax_otp_device, check_mode=check_mode, state="absent", seen=[settings], **who)
    return _steps(settings, device)


JOBS: dict[str, Job] = {"enroll": enroll, "rotate": rotate, "recover": recover, "remove": remove}
