# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options of `rax_otp_device` mean with a store, and what its result says. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..api.errors import OptionError
from ..api.model import Device
from ..api.wire import iso_date
from ..login.earlier_tasks import EarlierTasks
from ..login.entry_owner import check_given
from ..login.entry_shape import next_of
from ..login.options import check_pyotp, read_secret
from ..login.session import Session
from ..login.stored import StoredEntry
from ..login.stored_factor import fault_of_secret, usable_codes
from ..login.target import Target
from .devices import check_name as check_device_name
from .entry import age_in_days
from .life import DeviceLife, Outcome
from .look import Means
from .planner import Kind, State, Wish, foretold

_DEFAULT_NAME = "ansible"
_SECOND = 1.0
"""What is noted is in whole seconds."""


class StoredDevice:
    """The stored device of an account, as one task works with it.

    :param params: the options of the task.
    :param warn: shows a warning of the task.
    :raises OptionError: they make no sense with a store.
    """

    def __init__(
        self, session: Session, stored: StoredEntry, params: Mapping[str, Any], warn: Callable[[str], None]
    ) -> None:
        _check(params)
        self._session = session
        self._stored = stored
        self._params = params
        self._warn = warn
        self._clock = session.transport.clock
        self._begun = self._clock.monotonic()
        self._is_kept = (params["store"] or {}).get("type") != "none"

    def settle(self) -> dict[str, Any]:
        """Bring it into the wanted state; return the result of the task."""
        session, stored, params = self._session, self._stored, self._params
        if session.would_spend_a_code():
            return self._unseen()
        if params["state"] == "replaced":
            young = self._left_alone()
            if young is not None:
                return young
        session.connect()
        target = Target(session, params.get)
        target.entry_in(stored)
        check_given("secret", params["secret"], target.name, session.way.endpoint)
        if not self._is_kept and params["keep_ids"]:
            kept = {"device_id": params["keep_ids"][0]}  # a person has its secret
            stored.save({"next": kept} if params["state"] == "replaced" else kept)
        password = self._proof_password(is_self=target.is_self)
        wish = self._wish(target.name, password)._replace(owner=target.owner)
        earlier = EarlierTasks(params["seen"], check_mode=stored.check_mode).of(target.id)
        # For real the devices are looked at: another run may have stored a new one since.
        all_gone, is_off = earlier.would_leave_no_device, earlier.is_on is False
        means = Means(params["code"] or "", params["secret"], password, all_gone, is_off)
        outcome = DeviceLife(session, target, stored, wish, means, self._warn).run()
        report = self._report(outcome, target.name, target.id)
        return {**report, "second_factor": session.login.second_factor, **self._handed_out(outcome)}

    def _left_alone(self) -> dict[str, Any] | None:
        """The result for a secret that is not due, which needs no login; None when there is something to do."""
        session, stored, params = self._session, self._stored, self._params
        name = params["target_user"] or (None if params["target_user_id"] else session.who.username)
        if not name:
            return None
        record = session.login.record(name)
        entry = stored.open(record)
        if stored.waited:  # nothing was asked yet, and the creation that it waited for noted the time
            self._clock.recall(record.read().clock)
        is_whole = bool(entry.get("device_id")) and not fault_of_secret(entry)
        if not is_whole or "next" in entry or "previous" in entry or self._is_due():
            return None
        device = Device(entry.get("device_id") or "", entry.get("device_name") or "", verified=True)
        return self._report(Outcome((), device, None, (device,), (device,)), name, entry.get("user_id"))

    def _unseen(self) -> dict[str, Any]:
        """The plan as far as the store tells: in check mode no bypass code is spent to log in and look."""
        name = self._session.who.username or ""
        entry = self._stored.open(self._session.login.record(name))
        wish = self._wish(name, self._proof_password(is_self=True))
        steps, before, now = foretold(wish, entry)
        if Kind.CREATE.value in steps:
            check_pyotp()
        if steps:
            self._stored.prepare()
        outcome = Outcome(steps, now.meant, None, before.devices, now.devices)
        return self._report(outcome, name, entry.get("user_id"))

    def _proof_password(self, *, is_self: bool) -> str:
        """The password of the login that proves a secret. When an empty one is given, there is no such login."""
        given = self._params["proof_password"]
        return given if given is not None else (is_self and self._session.who.password) or ""

    def _wish(self, account: str, proof_password: str) -> Wish:
        stored, params = self._stored, self._params
        return Wish(
            state=State.VERIFIED if params["secret"] else State(params["state"]),
            name=params["name"] or stored.entry.get("device_name") or _DEFAULT_NAME,
            account=account,
            place=stored.store.place,
            has_code=bool(params["code"]),
            # Check mode asks no person for the code of a secret that is not stored, and plans what that one will do.
            can_verify=params["verify"] and bool(params["code"] or self._is_kept or stored.check_mode),
            is_due=self._is_due(),
            replaces_unstored=params["replace_unstored"],
            # Without a store nobody but a person has the new secret.
            proves=self._is_kept and bool(proof_password),
            adopts=bool(params["secret"]),
            keep_ids=frozenset(params["keep_ids"]),
            keeps_entry=params["keep_stored"],
            is_kept=self._is_kept,
        )

    def _is_due(self) -> bool:
        """Is the stored secret to be replaced? Not if another run replaced it while this one waited for the account."""
        entry, clock, params = self._stored.entry, self._clock, self._params
        if params["device_id"] and entry.get("device_id") != params["device_id"]:
            return False
        waited = clock.monotonic() - self._begun + _SECOND
        created = iso_date(entry.get("created") or "") if self._stored.waited and clock.known else None
        if created is not None and clock.now()[0] - created <= waited:
            return False
        age = age_in_days(entry.get("created"), clock.date())
        return params["replace_after"] is None or age is None or age >= params["replace_after"]

    def _handed_out(self, outcome: Outcome) -> dict[str, Any]:
        """The new secret, when only a person is to have it."""
        if self._is_kept or outcome.device is None:
            return {}
        parts = (self._stored.entry, next_of(self._stored.entry))
        mine = next((part for part in parts if part.get("device_id") == outcome.device.id and part.get("secret")), {})
        return {key: mine[key] for key in ("secret", "key_uri") if key in mine}

    def _report(self, outcome: Outcome, name: str, user_id: str | None) -> dict[str, Any]:
        entry = self._stored.entry
        was, now = ([device.facts() for device in devices] for devices in (outcome.before, outcome.now))
        return {
            "changed": bool(outcome.steps),
            "steps": list(outcome.steps),
            "user": {"id": user_id, "name": name},
            "device": outcome.device.facts() if outcome.device else None,
            "mfa": outcome.mfa.facts() if outcome.mfa else None,
            "second_factor": False,
            "proved": bool(entry.get("proved")),
            "bypass_codes": None if entry.get("bypass_codes") is None else len(usable_codes(entry)),
            "diff": {"before": {"devices": was}, "after": {"devices": now}},
        }


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
