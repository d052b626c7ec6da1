# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what a job does for one host would undo what it does for another one. Private to the collection.

It would when they name one account and keep its secret in different places: what is stored for one makes the secret of
the other worthless. No task of the role can tell: it knows one host.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..module_utils.api.errors import OptionError
from ..module_utils.login.endpoint import normalized
from .role import PREFIX, RoleVariables

_DEFAULTS = {f"{PREFIX}store": "vault_file", f"{PREFIX}variable": "rax_mfa_otp"}
"""Those of the role. Variables of hosts lack them."""
_SHOWN = 5


def in_the_way(
    job: str,
    hosts: Iterable[str],
    variables_of: Callable[[str, Mapping[str, Any]], RoleVariables],
    place_of: Callable[[dict[str, Any]], str],
) -> str | None:
    """Return what to say of the first account that several hosts must not work on; None if all is well.

    A host that cannot be read, or lacks a variable, is passed over: it fails later, in words of its own.

    :param variables_of: returns the variables of a host, with defaults for those that it lacks.
    :param place_of: returns how to say where an option `store` keeps its entry.
    """
    accounts: dict[tuple[str, ...], dict[str, RoleVariables]] = defaultdict(dict)
    for host in hosts:
        with contextlib.suppress(Exception):  # before ansible-core 2.19 a template raises what its filters do
            variables = variables_of(host, _DEFAULTS)
            if account := _account(variables):
                accounts[account][host] = variables
    for several in accounts.values():
        # A place may be the answer of a lookup, so that of a host which shares its account with none is not worked out.
        if len(several) > 1 and (problem := _problem(job, several, place_of)):
            return problem
    return None


def _account(variables: RoleVariables) -> tuple[str, ...] | None:
    """Return what tells a device of an account from all others. A device of another name has an entry of its own."""
    for name in ("target_user_id", "target_user", "username"):
        if told := variables.value(name):
            who = "id" if name == "target_user_id" else "name"
            return who, str(told).casefold(), _endpoint(variables), str(variables.value("device_name") or "ansible")
    return None


def _endpoint(variables: RoleVariables) -> str:
    given = str(variables.value("auth_endpoint") or os.environ.get("RAX_AUTH_ENDPOINT") or "us")
    try:
        return normalized(given, allow_http=True)
    except OptionError:
        return given


def _problem(job: str, hosts: Mapping[str, RoleVariables], place_of: Callable[[dict[str, Any]], str]) -> str | None:
    places = {}
    for host, variables in hosts.items():
        with contextlib.suppress(Exception):
            store = variables.place
            if store["type"] == variables.value("store"):  # or it lacks its file
                places[host] = place_of(store)
    if len(set(places.values())) > 1:
        named = _some([f"{host} ({place})" for host, place in places.items()])
        return (
            f"One account belongs to several hosts, which keep its secret in different places: {named}. A new secret "
            "for one of them would make that of the others worthless. Nothing was done. Choose one of them by "
            "mfa_otp_hosts or --limit, or give all of them the same place."
        )
    if job == "recover" and len(places) > 1:
        return (
            f"One account belongs to several hosts, each of which would recover it anew: {_some(list(places))}. "
            "Nothing was done. Choose one of them by mfa_otp_hosts or --limit."
        )
    return None


def _some(hosts: list[str]) -> str:
    more = len(hosts) - _SHOWN
    return ", ".join(hosts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
