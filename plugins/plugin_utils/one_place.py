# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether hosts that name one account keep its secret in one place. Private to the collection.

If they don't, what a job stores for one host makes the secret of another one worthless. No task of the role can tell:
it knows one host.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..module_utils.api.errors import OptionError
from ..module_utils.login.endpoint import normalized
from ..module_utils.run.masking import masked
from .role import PREFIX, RoleVariables

_DEFAULTS = {"store": "vault_file", "variable": "rax_mfa_otp", "device_name": "ansible"}
"""Those of the role. Variables of hosts lack them."""
_NO_PLACE = ("auth", "token", "role_id", "secret_id", "ca_path", "vault_id")
"""Keys of a store that tell how it is read or written, and not where."""
_SHOWN = 5
Template = Callable[[Any], Any]


def divided(
    hosts: Iterable[str], facts: Callable[[str], Mapping[str, Any]], template: Callable[[Mapping[str, Any]], Template]
) -> str | None:
    """Return what to say of the first account whose hosts keep its secret in different places; None if all is well.

    A host that cannot be read, or lacks a variable, is passed over: it fails later, in words of its own.

    :param facts: returns the variables of a host.
    :param template: returns what works a value out with the variables of a host.
    """
    accounts: dict[tuple[str, ...], dict[str, RoleVariables]] = defaultdict(dict)
    for host in hosts:
        with contextlib.suppress(Exception):  # before ansible-core 2.19 a template raises what its filters do
            of_host = {**{f"{PREFIX}{name}": value for name, value in _DEFAULTS.items()}, **facts(host)}
            variables = RoleVariables(of_host, template(of_host))
            if account := _account(variables):
                accounts[account][host] = variables
    for several in accounts.values():
        # A place may be the answer of a lookup, so that of a host which shares its account with none is not worked out.
        places = dict(_places(several)) if len(several) > 1 else {}
        if len(set(places.values())) > 1:
            return _told(list(places))
    return None


def _account(variables: RoleVariables) -> tuple[str, ...] | None:
    """Return what tells a device of an account from all others. A device of another name has an entry of its own."""
    for name in ("target_user_id", "target_user", "username"):
        if told := variables.value(name):
            who = "id" if name == "target_user_id" else "name"
            return who, str(told).casefold(), _endpoint(variables), str(variables.value("device_name"))
    return None


def _endpoint(variables: RoleVariables) -> str:
    given = str(variables.value("auth_endpoint") or "us")
    try:
        return normalized(given, allow_http=True)
    except OptionError:
        return given


def _places(hosts: Mapping[str, RoleVariables]) -> Iterator[tuple[str, str]]:
    """Return the place of each host that has one."""
    for host, variables in hosts.items():
        with contextlib.suppress(Exception):
            place = variables.place
            if place["type"] == variables.value("store"):  # or it lacks its file
                known = {key: value for key, value in place.items() if key not in _NO_PLACE and value is not None}
                yield host, json.dumps(masked(known, ()), sort_keys=True, default=str)


def _told(hosts: list[str]) -> str:
    more = len(hosts) - _SHOWN
    named = ", ".join(hosts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return (
        f"One account belongs to several hosts, and they keep its secret in different places: {named}. A new secret "
        "for one of them would make that of the others worthless. Nothing was done. Choose one of them by "
        "mfa_otp_hosts or --limit, or give all of them the same place (mfa_otp_store, mfa_otp_vault_file and the like)."
    )
