# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a play that do not wait for each other, as they come to its summary. Private to the collection.

Each comes in a worker, whose picture of the others is as old as the worker, and may have what an earlier play left. So
each host notes what came of itself, and the last one has the notes of all.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from ..module_utils.run.masking import in_builtin_types
from .summary import Account


def arrive(
    notes: Path, own: Account, awaited: Collection[str], others: Callable[[Collection[str]], Iterable[Account]]
) -> dict[str, Account] | None:
    """Note what came of a host; return what came of all by their names, if it is the last awaited one, else None.

    :param notes: the file of this summary and this run.
    :param others: returns what came of those that are not awaited, and not among these hosts. They failed, and may come
        later: then one that was rescued since makes a new summary.
    """
    with notes.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        told = {json.loads(line)[0]: line for line in file}
        if told.get(own.host) == _line(own):
            return None
        news = {own.host: _line(own)}
        is_last = {*told, own.host}.issuperset(awaited)
        if is_last:
            news |= {account.host: _line(account) for account in others({*told, own.host})}
        file.writelines(news.values())
    return {host: _read(line) for host, line in {**told, **news}.items()} if is_last else None


def _line(account: Account) -> str:
    return json.dumps(in_builtin_types(account)) + "\n"


def _read(line: str) -> Account:
    host, outcome, steps, *failure = json.loads(line)
    return Account(host, outcome, tuple(steps), *failure)
