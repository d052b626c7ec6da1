# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of `rax_mfa_audit`, with the stores that it looks into. Private to the collection."""

from __future__ import annotations

from typing import Any

from ..module_utils.login.session import Session
from ..module_utils.mfa.audit import Audit, Seen, audit
from ..module_utils.mfa.audit_entry import AuditEntry
from ..module_utils.mfa.domain import Domains
from ..module_utils.mfa.findings import KINDS, SEVERITIES, Devices, Expectation, needs_phones, with_factor
from ..module_utils.mfa.host_names import Taken
from ..module_utils.mfa.many_devices import check_threads, devices_of, phones_of, unread_warning
from ..module_utils.run.masking import masked
from ..module_utils.run.runner import ModuleLike
from ..module_utils.run.task import open_session
from .inventories import taken_in
from .reports import Reports
from .stored_places import StoreReadingAction

_FAILS_ON = (*KINDS, *SEVERITIES, "any")


class AuditAction(StoreReadingAction):
    """It also refuses what the playbook `audit` would pass over, and so let a domain pass."""

    def _run(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the module, unless the playbook is to fail on what is no kind of finding, or a variable of it fails."""
        if "_mfa_audit_fails_on" in variables:
            # Its templates take an undefined variable inside of one of these for one that is not given.
            self._templar.template({name: value for name, value in variables.items() if name.startswith("mfa_audit_")})
        wanted = self._templar.template(variables.get("_mfa_audit_fails_on", []))
        unknown = [str(name) for name in wanted if name not in _FAILS_ON]
        if unknown:
            told = f"mfa_audit_fail_on has {', '.join(unknown)}, and can have {', '.join(_FAILS_ON)}. Nothing was read."
            return {"failed": True, "msg": told}
        self._must_match = bool(wanted)  # of an account that is not stored, several kinds are never found
        self._taken = taken_in(variables["hostvars"]._inventory, "rax_id")
        return super()._run(variables)

    def _work(self, module: ModuleLike) -> dict[str, Any]:
        """Audit a domain, and write the reports. What can fail without the service is looked at first."""
        params = module.params
        module.public_names |= {*KINDS, *SEVERITIES}
        check_threads(params["threads"])
        reports = Reports(params["report"] or [])
        places = self._places.read(params["vault_files"], module.warn)
        entries = None if places is None else [AuditEntry.read(entry, source) for source, entry in places]
        with open_session(module) as session:
            outcome = _outcome(session, params, entries, self._taken)
        if warning := unread_warning(outcome.summary["unread"], outcome.summary["users"]):
            module.warn(warning)
        writes = bool(params["report"]) and not module.check_mode
        paths = reports.write(_as_shown(outcome, module)) if writes else []
        return {"changed": False, **outcome._asdict(), "needs_work": outcome.needs_work, "reports": paths}


def _outcome(session: Session, params: dict[str, Any], entries: list[AuditEntry] | None, taken: Taken) -> Audit:
    domains = Domains(session, params["domain_id"])
    domain, users = domains.read(), domains.users()
    devices: Devices | None = None
    if params["devices"]:
        devices = devices_of(session, users, params["threads"])
        unknown = [user for user in users if needs_phones(user, devices.get(user.id))]
        phones = phones_of(session, unknown, params["threads"])
        users = [with_factor(user, devices.get(user.id), phones.get(user.id)) for user in users]
    expected = Expectation(**{name: value for name, value in params["expect"].items() if value is not None})
    seen = Seen(domain, users, devices, entries, session.way.endpoint, taken)
    return audit(seen, expected, session.transport.clock.date())


def _as_shown(outcome: Audit, module: ModuleLike) -> Audit:
    """Return it as the result shows it: the service may repeat in any name what it was sent. The counts are ours."""
    parts = {name: part for name, part in outcome._asdict().items() if name != "summary"}
    return outcome._replace(**masked(parts, module.no_log_values, module.public_names))
