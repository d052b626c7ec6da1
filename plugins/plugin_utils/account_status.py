# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logic of `rax_mfa_status`: one account, its stored entry and its record. Private to the collection."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

from ..module_utils.api.errors import IdentityError, SetupRequired
from ..module_utils.login.account import Moment
from ..module_utils.login.session import Session
from ..module_utils.login.target import Target
from ..module_utils.mfa.audit_entry import AuditEntry
from ..module_utils.mfa.findings import ENROLL, ORDER, AuditedUser, Expectation, of_user
from ..module_utils.run.runner import ModuleLike, named
from ..module_utils.run.task import open_session
from ..modules import rax_mfa_status
from .stored_places import Place, StoredPlaces

_UNREAD: dict[str, Any] = {"user": None, "mfa": None, "otp_devices": None, "mobile_phones": None}


class AccountStatus:
    """Looks at everything that is known of one account. What the service refuses is part of the answer."""

    SPEC = rax_mfa_status.SPEC
    HOLDS_SECRETS = rax_mfa_status.HOLDS_SECRETS

    def __init__(self, places: StoredPlaces) -> None:
        self._places = places

    def run(self, module: ModuleLike) -> dict[str, Any]:
        """Read the account; nothing is changed."""
        places = self._places.read(module.params["vault_files"])
        with _logging_in_with(module, places or []), open_session(module) as session:
            return {"changed": False, **_status(session, module, places)}


@contextmanager
def _logging_in_with(module: ModuleLike, places: list[Place]) -> Iterator[None]:
    """Answer a challenge with the stored entry of the account that logs in, when the task gives no other answer."""
    params = module.params
    name = (params["username"] or "").casefold()
    own = [entry for _source, entry in places if str(entry.get("username") or "").casefold() == name]
    answers = bool(name and params["password"] and own and not (params["otp_secret"] or params["passcode"]))
    if answers:
        params["otp_secret"] = dict(own[0])
    try:
        yield
    finally:
        if answers:
            params["otp_secret"] = None


def _status(session: Session, module: ModuleLike, places: list[Place] | None) -> dict[str, Any]:
    params = module.params
    read, audited, error = _read(session, params)
    now = datetime.fromtimestamp(session.transport.clock.now()[0], timezone.utc)
    name = audited.user.name if audited else params["target_user"] or session.who.username
    entry = _entry_of(places, session.way.endpoint, name, audited.user.id if audited else None)
    findings = []
    if audited:
        audited = audited._replace(entry=entry, stores_read=places is not None)
        found = of_user(audited, Expectation(), now)
        findings = [finding.facts() for finding in sorted(found, key=lambda finding: ORDER[finding.kind])]
    return {
        **read,
        "error": error.as_failure()["error"] if error else None,
        "stored": entry.facts(now) if entry else None,
        "record": _record(session, name, now, entry.refused if entry else {}),
        "findings": findings,
        "next": _next(findings, error),
    }


def _read(session: Session, params: dict[str, Any]) -> tuple[dict[str, Any], AuditedUser | None, IdentityError | None]:
    """Return what the service shows, or why it shows nothing."""
    try:
        user = Target(session, params.get).user
        devices, phones = session.client.all_devices(user.id)
    except IdentityError as error:
        session.hide_sent()  # the error is a part of the result
        return _UNREAD, None, error
    read = {
        "user": user.facts(),
        "mfa": user.mfa.facts(),
        "otp_devices": [device.facts() for device in sorted(devices, key=lambda device: (device.name, device.id))],
        "mobile_phones": [phone.facts() for phone in sorted(phones, key=lambda phone: phone.id)],
    }
    return read, AuditedUser(user, tuple(devices)), None


def _entry_of(places: list[Place] | None, endpoint: str, name: str | None, user_id: str | None) -> AuditEntry | None:
    """Return the entry of the account: by its id when both are known, else by its name."""
    for source, stored in places or ():
        entry = AuditEntry.read(stored, source)
        known = (entry.user_id, user_id) if entry.user_id and user_id else (entry.username, name)
        if entry.is_at(endpoint) and known[0] and known[1] and known[0].casefold() == known[1].casefold():
            return entry
    return None


def _record(session: Session, name: str | None, now: datetime, refused: Mapping[str, float]) -> dict[str, Any] | None:
    """Return what is known of refused passcodes: how many there are, and when the next one is safe.

    :param refused: those that the entry notes; the record of this machine has its own.
    """
    if not name:
        return None
    record = session.login.record(name)
    account = record.read()
    moment = Moment(now.timestamp(), time.time(), time.monotonic())
    account.learn(moment, refused)
    wait = account.safe_in(moment)
    return {
        "path": str(record.path),
        "refused_passcodes": len(account.refusals(moment)),
        "safe_in": round(wait),
        "safe_at": f"{now + timedelta(seconds=wait):%Y-%m-%dT%H:%M:%SZ}" if wait else None,
    }


def _next(findings: list[dict[str, Any]], error: IdentityError | None) -> list[str]:
    """Return what to do, the most urgent first."""
    if isinstance(error, SetupRequired):
        return [f"MFA must be set up. Run {ENROLL}."]
    if error:
        return [named(error.message)]
    return list(dict.fromkeys(finding["next"] for finding in findings)) or ["Nothing: the account is settled."]
