# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options of `rax_otp_device` mean with a store, and what its result says. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..api.errors import OptionError
from ..api.model import Device
from ..api.wire import iso_date
from ..login.options import check_pyotp, read_secret
from ..login.session import Session
from ..login.stored import StoredEntry, check_given
from ..login.stored_factor import fault_of_secret, usable_codes
from ..login.target import Target, is_on_by, results_of
from .devices import check_name as check_device_name
from .entry import age_in_days
from .life import DeviceLife, Means, Outcome
from .planner import Kind, State, Wish, foretold
from .settings_plan import REMOVED

_DEFAULT_NAME = "ansible"
_SECOND = 1.0
"""What is noted is in whole seconds."""


def stored_device(session: Session, stored: StoredEntry, params: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the stored device of an account into the wanted state; return the result of the task."""
    _check(params)
    begun = session.transport.clock.monotonic()
    if session.would_spend_a_code():
        return _unseen(session, stored, params, begun)
    if params["state"] == "replaced":
        young = _left_alone(session, stored, params, begun)
        if young is not None:
            return young
    session.connect()
    target = Target(session, params.get)
    name = target.name
    target.entry_in(stored)
    check_given("secret", params["secret"], name, session.way.endpoint)
    if _is_not_kept(params) and params["keep_ids"]:
        kept = {"device_id": params["keep_ids"][0]}  # a person has its secret
        stored.save({"next": kept} if params["state"] == "replaced" else kept)
    password = _proof_password(session, params, is_self=target.is_self)
    wish = _wish(session, stored, params, name, begun, password)._replace(owner=target.owner)
    seen = results_of(params["seen"], target.id)
    # For real the devices are looked at: another run may have stored a new one since.
    all_gone = stored.check_mode and _are_gone(seen)
    is_off = is_on_by(seen, check_mode=stored.check_mode) is False
    means = Means(params["code"] or "", params["secret"], password, all_gone, is_off)
    outcome = DeviceLife(session, target, stored, wish, means).run()
    report = {**_report(outcome, stored), "second_factor": session.login.second_factor}
    return {**report, "user": {"id": target.id, "name": name}, **_handed_out(outcome, stored, params)}


def _left_alone(
    session: Session, stored: StoredEntry, params: Mapping[str, Any], begun: float
) -> dict[str, Any] | None:
    """The result for a secret that is not due, which needs no login; None when there is something to do."""
    name = params["target_user"] or (None if params["target_user_id"] else session.who.username)
    if not name:
        return None
    record = session.login.record(name)
    entry = stored.open(record)
    if stored.waited:  # nothing was asked yet, and the creation that it waited for noted the time
        session.transport.clock.recall(record.read().clock)
    is_whole = bool(entry.get("device_id")) and not fault_of_secret(entry)
    if not is_whole or "next" in entry or "previous" in entry or _is_due(session, stored, params, begun):
        return None
    device = Device(entry.get("device_id") or "", entry.get("device_name") or "", verified=True)
    report = _report(Outcome((), device, None, (device,), (device,)), stored)
    return {**report, "user": {"id": entry.get("user_id"), "name": name}}


def _proof_password(session: Session, params: Mapping[str, Any], *, is_self: bool) -> str:
    """The password for the login that proves a secret; an empty one that is given says that there is no such login."""
    given = params["proof_password"]
    return given if given is not None else (is_self and session.who.password) or ""


def _are_gone(seen: Sequence[Mapping[str, Any]]) -> bool:
    """Would a task before have removed everything, and none after it have made a device?"""
    told = [one for one in seen if REMOVED in (one.get("steps") or ()) or one.get("device")]
    return bool(told) and REMOVED in (told[-1].get("steps") or ())


def _is_not_kept(params: Mapping[str, Any]) -> bool:
    return (params["store"] or {}).get("type") == "none"


def _handed_out(outcome: Outcome, stored: StoredEntry, params: Mapping[str, Any]) -> dict[str, Any]:
    """The new secret, when only a person is to have it."""
    if not _is_not_kept(params) or outcome.device is None:
        return {}
    parts = [stored.entry, stored.entry.get("next") or {}]
    mine = next((part for part in parts if part.get("device_id") == outcome.device.id and part.get("secret")), {})
    return {key: mine[key] for key in ("secret", "key_uri") if key in mine}


def _check(params: Mapping[str, Any]) -> None:
    if params["device_id"] and params["state"] != "replaced":
        raise OptionError("O(device_id) makes no sense with O(store), which knows the device, but for state: replaced.")
    if params["name"] is not None:
        check_device_name(params["name"])
    if params["replace_after"] is not None and params["replace_after"] < 0:
        raise OptionError("O(replace_after) must be 0 days or more.")
    for name in ("replace_after", "replace_unstored"):
        if params[name] and params["state"] != "replaced":
            raise OptionError(f"O({name}) is for state: replaced. Leave it out.")
    if params["secret"] and params["state"] not in ("present", "verified"):
        raise OptionError("O(secret) is for state: verified, which adopts it. Leave it out.")
    read_secret("secret", params["secret"])  # what cannot be one is told before anything is sent, and in check mode


def _wish(
    session: Session, stored: StoredEntry, params: Mapping[str, Any], account: str, begun: float, proof_password: str
) -> Wish:
    entry, is_kept = stored.entry, not _is_not_kept(params)
    return Wish(
        state=State.VERIFIED if params["secret"] else State(params["state"]),
        name=params["name"] or entry.get("device_name") or _DEFAULT_NAME,
        account=account,
        place=stored.store.place,
        # Check mode asks no person for the code of a secret that is not stored, and plans what that one will do.
        can_verify=bool(params["code"] or (params["verify"] and (is_kept or stored.check_mode))),
        is_due=_is_due(session, stored, params, begun),
        replaces_unstored=params["replace_unstored"],
        # Without a store nobody but a person has the new secret.
        proves=is_kept and bool(proof_password),
        adopts=bool(params["secret"]),
        keep_ids=frozenset(params["keep_ids"]),
        keeps_entry=params["keep_stored"],
        is_kept=is_kept,
    )


def _is_due(session: Session, stored: StoredEntry, params: Mapping[str, Any], begun: float) -> bool:
    """Is the stored secret to be replaced? Not if another run replaced it while this one waited for the account."""
    entry, clock = stored.entry, session.transport.clock
    if params["device_id"] and entry.get("device_id") != params["device_id"]:
        return False
    waited = clock.monotonic() - begun + _SECOND
    created = iso_date(entry.get("created") or "") if stored.waited and clock.known else None
    if created is not None and clock.now()[0] - created <= waited:
        return False
    age = age_in_days(entry.get("created"), clock.date())
    return params["replace_after"] is None or age is None or age >= params["replace_after"]


def _unseen(session: Session, stored: StoredEntry, params: Mapping[str, Any], begun: float) -> dict[str, Any]:
    """The plan as far as the store tells: in check mode no bypass code is spent to log in and look."""
    name = session.who.username or ""
    entry = stored.open(session.login.record(name))
    wish = _wish(session, stored, params, name, begun, _proof_password(session, params, is_self=True))
    steps, before, now = foretold(wish, entry)
    if Kind.CREATE.value in steps:
        check_pyotp()
    if steps:
        stored.prepare()
    outcome = Outcome(steps, now.meant, None, before.devices, now.devices)
    return {**_report(outcome, stored), "user": {"id": entry.get("user_id"), "name": name}}


def _report(outcome: Outcome, stored: StoredEntry) -> dict[str, Any]:
    was, now = ([device.facts() for device in devices] for devices in (outcome.before, outcome.now))
    return {
        "changed": bool(outcome.steps),
        "steps": list(outcome.steps),
        "device": outcome.device.facts() if outcome.device else None,
        "mfa": outcome.mfa.facts() if outcome.mfa else None,
        "second_factor": False,
        "proved": bool(stored.entry.get("proved")),
        "bypass_codes": None if stored.entry.get("bypass_codes") is None else len(usable_codes(stored.entry)),
        "diff": {"before": {"devices": was}, "after": {"devices": now}},
    }
