# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether hosts that name one account keep its secret in one place. Private to the collection.

If they don't, what a job stores for one host makes the secret of another one worthless. No task of the role can tell:
it knows one host.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..module_utils.api.errors import OptionError
from ..module_utils.login.endpoint import normalized
from .role import RoleVariables

_SHOWN = 5


def divided(
    hosts: Iterable[str],
    variables_of: Callable[[str], RoleVariables],
    place_of: Callable[[dict[str, Any]], str],
) -> str | None:
    """Return what to say of the first account whose hosts keep its secret in different places; None if all is well.

    A host that cannot be read, or lacks a variable, is passed over: it fails later, in words of its own.

    :param variables_of: returns the variables of a host.
    :param place_of: returns how to say where an option `store` keeps its entry.
    """
    accounts: dict[tuple[str, ...], dict[str, RoleVariables]] = defaultdict(dict)
    for host in hosts:
        with contextlib.suppress(Exception):  # before ansible-core 2.19 a template raises what its filters do
            variables = variables_of(host)
            if account := _account(variables):
                accounts[account][host] = variables
    for several in accounts.values():
        # A place may be the answer of a lookup, so that of a host which shares its account with none is not worked out.
        places = _places(several, place_of) if len(several) > 1 else {}
        if len(set(places.values())) > 1:
            return _told(places)
    return None


def _account(variables: RoleVariables) -> tuple[str, ...] | None:
    """Return what tells a device of an account from all others. A device of another name has an entry of its own."""
    for name in ("target_user_id", "target_user", "username"):
        if told := variables.value(name):
            who = "id" if name == "target_user_id" else "name"
            return who, str(told).casefold(), _endpoint(variables), str(variables.value("device_name"))
    return None


def _endpoint(variables: RoleVariables) -> str:
    given = str(variables.value("auth_endpoint") or os.environ.get("RAX_AUTH_ENDPOINT") or "us")
    try:
        return normalized(given, allow_http=True)
    except OptionError:
        return given


def _places(hosts: Mapping[str, RoleVariables], place_of: Callable[[dict[str, Any]], str]) -> dict[str, str]:
    """Return the place of each host that has one."""
    places = {}
    for host, variables in hosts.items():
        with contextlib.suppress(Exception):
            store = variables.place
            if store["type"] == variables.value("store"):  # or it lacks its file
                places[host] = place_of(store)
    return places


def _told(places: Mapping[str, str]) -> str:
    named, more = [f"{host} ({place})" for host, place in places.items()], len(places) - _SHOWN
    shown = ", ".join(named[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return (
        f"One account belongs to several hosts, which keep its secret in different places: {shown}. A new secret for "
        "one of them would make that of the others worthless. Nothing was done. Choose one of them by mfa_otp_hosts or "
        "--limit, or give all of them the same place."
    )
