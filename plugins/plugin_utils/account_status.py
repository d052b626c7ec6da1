# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `rax_mfa_status` does: one account, its stored entry and its record. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..module_utils.api.errors import Forbidden, IdentityError, PasscodeRequired, SetupRequired
from ..module_utils.api.model import User, account_facts
from ..module_utils.api.wire import iso_text
from ..module_utils.login.budget import Budget
from ..module_utils.login.entry_shape import secret_values
from ..module_utils.login.moment import Moment
from ..module_utils.login.options import factor_of
from ..module_utils.login.session import Session
from ..module_utils.login.target import Target
from ..module_utils.mfa.audit import assigned, findings_of, in_order
from ..module_utils.mfa.audit_entry import AuditEntry
from ..module_utils.mfa.findings import ENROLL, KINDS, SEVERITIES, AuditedUser, Expectation, with_factor
from ..module_utils.otp.key_uri import SecretError
from ..module_utils.otp.secret import parse
from ..module_utils.run.masking import masked_failure
from ..module_utils.run.runner import ModuleLike, named_for
from ..module_utils.run.task import open_session
from .stored_places import Place, StoredPlaces, each_once

_UNREAD: dict[str, Any] = {"user": None, "mfa": None, "otp_devices": None, "mobile_phones": None}


def look(module: ModuleLike, stored: StoredPlaces) -> dict[str, Any]:
    """Look at everything that is known of one account. What the service refuses is part of the answer."""
    places = stored.read(module.params["vault_files"], module.warn)
    module.public_names |= {*KINDS, *SEVERITIES}
    with open_session(module) as session:
        rivals = _answer_with_stored(session, module, places or [])
        if session.stored:
            session.stored.check_mode = True  # no use of the secret is noted, and a refusal is
            entry = session.stored.store.load()
            places = each_once([*([(session.stored.store.place, entry)] if entry else []), *(places or [])])
        return {"changed": False, **_status(session, module, places, rivals)}


def _answer_with_stored(session: Session, module: ModuleLike, places: list[Place]) -> list[str]:
    """Answer a challenge with the stored entry of the account that logs in, when the task gives no other answer.

    A wrong passcode counts at the service. So of several entries none is used; the places of these are returned.
    """
    who = session.who
    if not who.password or who.factor.otp or who.factor.passcode:
        return []
    own = [(source, entry) for source, entry in places if _answers(entry, who.username, session.way.endpoint)]
    if len(own) != 1:
        return [source for source, _entry in own]
    module.no_log_values.update(secret_values(own[0][1]))
    session.who = who._replace(factor=factor_of("vault_files", own[0][1]))
    return []


def _answers(entry: Mapping[str, Any], name: str | None, endpoint: str) -> bool:
    """Return whether the entry is that of the account, and has a secret that can be used."""
    try:
        return AuditEntry.read(entry, "").is_of(name, endpoint) and bool(parse(entry))
    except SecretError:
        return False


class _Seen(NamedTuple):
    """What the service shows, and why it shows no more."""

    facts: dict[str, Any]
    user: AuditedUser | None
    error: IdentityError | None


def _status(session: Session, module: ModuleLike, places: list[Place] | None, rivals: list[str]) -> dict[str, Any]:
    seen, entries = _read(session, module.params), [AuditEntry.read(entry, source) for source, entry in places or ()]
    failure = masked_failure(seen.error.as_failure(), module.no_log_values) if seen.error else {}
    now = session.transport.clock.date()
    name: str | None
    if seen.user:
        user, name = seen.user.user, seen.user.user.name
        owners = assigned(entries, [user], session.way.endpoint)
        audited = seen.user._replace(entries=owners.owned.get(user.id, ()), stores_read=places is not None)
        findings = [finding.facts() for finding in in_order(findings_of(audited, owners, Expectation(), now))]
        own, entry = audited.entries, audited.entry
    else:
        name, findings = module.params["target_user"] or session.who.username, []
        own = [entry for entry in entries if entry.is_of(name, session.way.endpoint)]
        entry = own[0] if len(own) == 1 else None
    return {
        **seen.facts,
        "error": failure.get("error"),
        "stored": entry.facts(now) if entry else None,
        "record": _record(session, name, now, {attempt: at for one in own for attempt, at in one.refused.items()}),
        "findings": findings,
        "next": [named_for(module, line) for line in _next(seen, failure, findings, rivals)],
    }


def _read(session: Session, params: Mapping[str, Any]) -> _Seen:
    user: User | None = None
    try:
        user = Target(session, params.get).user
        devices, phones = session.client.all_devices(user.id)
    except IdentityError as error:
        session.hide_sent()  # the error is a part of the result
        if user is None:
            return _Seen(_UNREAD, None, error)
        audited = AuditedUser(user, unread=isinstance(error, Forbidden))
        return _Seen({**_UNREAD, "user": user.facts(), "mfa": user.mfa.facts()}, audited, error)
    audited = AuditedUser(with_factor(user, devices, phones), tuple(devices))
    return _Seen(account_facts(user, devices, phones), audited, None)


def _record(session: Session, name: str | None, now: datetime, refused: Mapping[str, Moment]) -> dict[str, Any] | None:
    """Return what is known of refused passcodes: how many there are, and when the next one is safe.

    :param refused: those that the entries note; the record of this machine has its own.
    """
    if not name:
        return None
    record = session.login.record(name)
    account = record.read()
    moment = Budget(record, session.transport.clock).moment()
    account.learn(moment, refused)
    wait = account.safe_in(moment)
    return {
        "path": str(record.path),
        "refused_passcodes": len(account.refusals(moment)),
        "safe_in": round(wait),
        "safe_at": iso_text(now + timedelta(seconds=wait)) if wait else None,
    }


def _next(seen: _Seen, failure: Mapping[str, Any], findings: list[dict[str, Any]], rivals: list[str]) -> list[str]:
    """Return what to do, the most urgent first."""
    if isinstance(seen.error, SetupRequired):
        return [f"MFA must be set up. Run {ENROLL}."]
    if isinstance(seen.error, PasscodeRequired) and rivals:
        what_next = KINDS["several_entries"].next
        return [f"No passcode was sent: the account has several stored entries, {', '.join(rivals)}. {what_next}"]
    known = [*([failure["msg"]] if failure else []), *(finding["next"] for finding in findings)]
    settled = "Nothing: the account is settled."
    if seen.user and not seen.user.user.enabled:
        settled = "Nothing: the account is disabled, and can't log in."
    return list(dict.fromkeys(known)) or [settled]
