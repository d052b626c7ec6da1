# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tour through every operation of the service by the modules, and the table that its request log gives.

The table is docs/docsite/rst/operations.rst. To write it again: `python tests/integration/harness/operations.py`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))

from integration.harness.plays import Call, Outcome, Player, Step, call, do, look, named, user

from emulator.routes import ROUTES

PAGE = ROOT / "docs" / "docsite" / "rst" / "operations.rst"
PASSWORD = {"username": "alice", "password": "{{ passwords.alice }}"}
SHARED = ("username", "password", "api_key", "auth_token", "user_id", "otp_secret", "passcode")
USERS = [user("admin", role="user-admin", enforcement_level="OPTIONAL"), user("alice")]
_MFA = "/v2.0/users/{user}/RAX-AUTH/multi-factor"
_LOGIN = ("POST", "/v2.0/tokens")
_LOGINS = ("RAX-KSKEY:apiKeyCredentials", "passwordCredentials", "RAX-AUTH:passcodeCredentials")
Operation = tuple[str, str]


def tour() -> list[Step]:
    """Tasks that between them ask for everything that the service has."""
    secret = "{{ added.secret }}"
    code = "{{ seen.value.phone.code }}"
    return [
        call("rax_auth_token", "alice"),
        named("login", call("rax_auth_token", **PASSWORD)),
        call("rax_auth_token", auth_token="{{ login.token.id }}"),
        named("added", call("rax_otp_device", "alice", name="app")),
        call("rax_otp_device", "alice", device_id="{{ added.device.id }}"),
        call("rax_otp_device", "alice", name="app", state="verified", secret=secret),
        call("rax_otp_device_info", "alice", name="app"),
        call("rax_mobile_phone", "alice", number="+15125550100"),
        call("rax_mobile_phone", "alice", number="+15125550100", state="code_sent"),
        look("seen", "alice"),
        do("fault", kind="lost", method="POST", path="mobile-phones/.*verify$"),
        call("rax_mobile_phone", "alice", state="verified", code=code),
        call("rax_mfa_info", "alice"),
        call("rax_mfa_settings", "alice", enabled=True, factor_type="OTP"),
        call("rax_bypass_codes", "alice", count=2, validity=30),
        do("move", seconds=61),
        call("rax_auth_token", **PASSWORD, otp_secret=secret),
        call("rax_mfa_settings", "admin", target_user="alice", enabled=False),
        call("rax_mobile_phone", "alice", state="absent"),
        call("rax_otp_device", "alice", name="app", state="absent"),
        call("rax_mfa_settings", "alice", state="absent"),
        call("rax_otp_device", "alice", name="again"),
        call("rax_mfa_settings", "alice", state="absent"),
        call("rax_mfa_domain", "admin", enforcement_level="REQUIRED"),
        call("rax_mfa_domain_info", "admin"),
        named("last", call("rax_auth_token", "alice")),
        call("rax_auth_token", auth_token="{{ last.token.id }}", state="absent"),
    ]


def operations() -> list[Operation]:
    """Every operation of the contract: the three logins, and the routes of the emulator."""
    logins = [(f"POST {_LOGIN[1]}", kind) for kind in _LOGINS]
    others = [(f"{route.method} {route.template}", "") for route in ROUTES if (route.method, route.template) != _LOGIN]
    by_name = others.index(("GET /v2.0/users", "")) + 1
    return [*logins, *others[:by_name], ("GET /v2.0/users", "name"), *others[by_name:]]


def used(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> dict[Operation, dict[str, Call]]:
    """Which module asked for an operation, and the first task of it that did."""
    found: dict[Operation, dict[str, Call]] = {operation: {} for operation in operations()}
    calls = [step for step in steps if isinstance(step, Call)]
    for step, outcome in zip(calls, outcomes, strict=True):
        for entry in outcome.requests:
            operation = _operation(entry)
            if operation[1] not in _LOGINS or step.module == "rax_auth_token":
                found[operation].setdefault(step.module, step)
    return found


def _operation(entry: dict[str, Any]) -> Operation:
    part = next((kind for kind in _LOGINS if kind in entry["keys"]), "")
    if entry["query"].startswith("name="):
        part = "name"
    return f"{entry['method']} {entry['route']}", part


def page(found: dict[Operation, dict[str, Call]]) -> str:
    """The page of the documentation."""
    rows = "".join(_row(operation, calls) for operation, calls in found.items())
    return _HEAD + rows


def _row(operation: Operation, calls: dict[str, Call]) -> str:
    request, part = operation
    detail = f" (``{'?name=' if part == 'name' else part}``)" if part else ""
    told = "; ".join(_told(step) for _unused, step in sorted(calls.items()))
    return f"   * - ``{request.replace(_MFA, '…/multi-factor')}``{detail}\n     - {told}\n"


def _told(step: Call) -> str:
    """The module and its options; of the shared ones only if the login is what is shown."""
    plugin = f"rackspace.identity.{step.module}#module"
    options = step.task("")[f"rackspace.identity.{step.module}"]
    shown = [
        f":ansopt:`{plugin}:{name}{_value(value)}`"
        for name, value in options.items()
        if name not in SHARED or step.module == "rax_auth_token"
    ]
    return f":ansplugin:`{plugin}`" + (f" ({', '.join(shown)})" if shown else "")


def _value(value: Any) -> str:
    """The value if it is a choice; what a user would fill in is not shown."""
    if isinstance(value, bool):
        return f"={str(value).lower()}"
    is_choice = isinstance(value, str) and value in ("present", "verified", "absent", "code_sent", "OTP", "REQUIRED")
    return f"={value}" if is_choice else ""


_HEAD = """..
  Copyright (c) 2026, The rackspace.identity maintainers
  GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. Written by tests/integration/harness/operations.py, from what a tour through the modules asked the emulator for.

.. _ansible_collections.rackspace.identity.docsite.operations:

Operations of the service, and the modules that use them
========================================================

Every operation of the multi-factor API of Rackspace Identity is used by a module. This table says which module asks for
it, and with which options. An ellipsis stands for ``/v2.0/users/{user}/RAX-AUTH``. Every module logs in by the options
that are shown here for :ansplugin:`rackspace.identity.rax_auth_token#module`.

.. list-table::
   :header-rows: 1
   :widths: 40 60

   * - Operation
     - Module and options
"""


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        steps = tour()
        PAGE.write_text(page(used(steps, Player(Path(folder))(steps, users=USERS).outcomes)), encoding="utf-8")


if __name__ == "__main__":
    main()
