# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of a job did so far, and what is left of an enrollment. Pure. Private to the collection.

A task of the role tells it in its result, and the templates of the next ones only look there: to work it out in them
cost each account 15 ms, since a worker compiles every filter and test anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .role import LOGIN, SETTINGS, RoleVariables

RESULTS = {
    "enroll": ("device", "prompted", "verified", "settings", "proof", "codes", "level"),
    "rotate": ("device", "prompted", "verified", "completed"),
    "recover": ("settings", "device", "prompted", "verified", "completed", "codes"),
    "remove": ("settings", "device"),
}
"""The results that count in the report of each job, in its order."""
Result = Mapping[str, Any]


def told_by(action: str, variables: RoleVariables, result: Result, *, check_mode: bool) -> dict[str, Any]:
    """Return what a task tells the next ones. One that failed tells nothing: nothing more may be done.

    :param action: what the task does, by its full name.
    :param result: its result, which is the last one.
    :param check_mode: that of the task, which a keyword sets, too. `ansible_check_mode` is that of the command line.
    """
    job = variables.all.get("_mfa_otp_job")
    if result.get("failed") or job not in RESULTS:
        return {}
    login, device = (variables.all.get(f"_mfa_otp_{name}") or {} for name in ("login", "device"))
    results = [*(variables.all.get(f"_mfa_otp_{name}") or {} for name in RESULTS[job]), result]
    logins = (login, device, {} if action == LOGIN else result)
    is_proof = variables.acts_on_itself and any(one.get("second_factor") for one in logins)
    told: dict[str, Any] = {"report": _report(results, is_proof=is_proof, check_mode=check_mode)}
    if action == LOGIN:  # check mode asks no one, so a job with a person begins with a login in any mode
        told["person_takes_part"] = job != "remove" and not check_mode and _person_is_wanted(variables)
    if action == SETTINGS and job == "enroll":
        is_new = not (device.get("proved") or _has_proved(variables, login, device)) or _is_changed(device, result)
        told["proof_is_due"] = is_new and "prove_login" not in device.get("steps", ()) and variables.can_prove
        told["left"] = "if_wanted" if _more_is_wanted(variables) else "prove" if told["proof_is_due"] else ""
    return told


def _person_is_wanted(variables: RoleVariables) -> bool:
    return bool(variables.value("verify") != "secret" or variables.value("qr") != "none")


def _more_is_wanted(variables: RoleVariables) -> bool:
    return int(variables.value("bypass_codes")) > 0 or bool(variables.value("enforcement_level"))


def _has_proved(variables: RoleVariables, login: Result, device: Result) -> bool:
    """Was the login by the stored secret of the device? It has noted that in the entry, but not in check mode."""
    device_id = (device.get("device") or {}).get("id")
    by_store = login.get("second_factor") and not variables.value("passcode")
    return bool(by_store and device_id and device_id == login.get("device_id"))


def _is_changed(*results: Result) -> bool:
    return any(result.get("changed") for result in results)


def _report(results: Sequence[Result], *, is_proof: bool, check_mode: bool) -> dict[str, Any]:
    """Return `mfa_otp_result`. In check mode the steps are a plan, and the rest is what is.

    :param is_proof: the account has logged in with its second factor, before anything else.
    """
    steps = list(dict.fromkeys(step for result in results for step in result.get("steps", ())))
    return {
        "changed": _is_changed(*results),
        **{key: next((one[key] for one in reversed(results) if one.get(key)), {}) for key in ("device", "mfa")},
        "proved": is_proof or ("prove_login" in steps and not check_mode),
        "steps": [] if check_mode else steps,
        "plan": steps if check_mode else [],
    }
