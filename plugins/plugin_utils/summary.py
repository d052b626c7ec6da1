# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a play did to its accounts: an outcome for each host, counts, and words. Pure. Private to the collection."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

CHANGED, SETTLED, FAILED, NOT_REACHED = OUTCOMES = ("changed", "settled", "failed", "not_reached")
Facts = Mapping[str, Any]
_RESULT = "mfa_otp_result"
_REGISTERED = "_mfa_otp_"
"""How the names begin under which the tasks of the role register their results."""
_ELSEWHERE = "see its error in the output of the run."
"""Of an error that no task of the role registered: core refused a variable, or the task is the user's own."""
_STOPPED = "was stopped by the failure of another account, maybe half-way. Run again."
_SHOWN = 20
"""How many hosts of one outcome the screen names. The file has all of them."""


class Account(NamedTuple):
    """A host, and what came of it."""

    host: str
    outcome: str
    steps: tuple[str, ...] = ()
    msg: str | None = None
    error: Mapping[str, Any] | None = None
    check_mode: bool | None = None
    """That of the role's tasks; None if none of them tells."""

    @classmethod
    def of(cls, host: str, facts: Facts, play: str, *, is_alive: bool, all_stop: bool = False) -> Account:
        """Return what came of a host.

        :param play: the ID of the play. What is known of an earlier one does not count.
        :param is_alive: it has not failed, or its failure was rescued or ignored.
        :param all_stop: the failure of another host has stopped this one.
        """
        registered = _registered(facts)
        # A result of core tells no host: it is of the one that the others are of.
        tellers = {_teller(one)["host"] for one in registered if "host" in _teller(one)} or {host}
        own = [one for one in registered if _teller(one).get("host", host if host in tellers else None) == host]
        ours = _of_play(own, play)
        account = functools.partial(cls, host, check_mode=_check_mode(ours))
        # The failure of an earlier play counts if it keeps the host out of this one.
        failure = _failure(ours if is_alive else own)
        # A failure with run_once stops all hosts, and each has a copy of it.
        is_stopped = all_stop or bool(_failure(registered))
        if failure or not (is_alive or is_stopped):
            return account(FAILED, msg=str(failure.get("msg") or _ELSEWHERE), error=failure.get("error"))
        result = (ours and facts.get(_RESULT)) or {}
        if "changed" in result:
            steps = tuple(result.get("plan") or result.get("steps") or ())
            return account(CHANGED if result["changed"] else SETTLED, steps)
        return account(NOT_REACHED, msg=None if is_alive else _STOPPED)

    def as_data(self) -> dict[str, Any]:
        """Return what is known of it."""
        more = {"msg": self.msg, "error": self.error} if self.outcome == FAILED else {"steps": list(self.steps)}
        return {"host": self.host, "outcome": self.outcome, **more}


def _registered(facts: Facts) -> list[Facts]:
    """Return the results of the role's tasks."""
    return [value for name, value in facts.items() if name.startswith(_REGISTERED) and isinstance(value, Mapping)]


def _teller(result: Facts) -> Facts:
    """Return what a result tells of its task. That of core, such as a timeout, tells nothing."""
    return result.get("for_role") or {}


def _of_play(registered: Iterable[Facts], play: str) -> list[Facts]:
    """Return the results of this play. A failure of core is taken for one."""
    return [one for one in registered if _teller(one).get("play", play if one.get("failed") else None) == play]


def _check_mode(results: Iterable[Facts]) -> bool | None:
    modes = [_teller(one)["check_mode"] for one in results if _teller(one)]
    return all(modes) if modes else None  # in any run, a task may only ask what would be


def _failure(results: Iterable[Facts]) -> Facts:
    return next((result for result in results if result.get("failed") is True), {})


def accounts_of(
    hosts: Sequence[str], alive: Collection[str], facts: Callable[[str], Facts], play: str, *, any_is_fatal: bool
) -> list[Account]:
    """Return what came of each host of a play.

    :param hosts: all of them.
    :param alive: the hosts that have not failed.
    :param facts: returns the variables of a host.
    :param play: its ID.
    :param any_is_fatal: the failure of one host stops all: core then counts these as failed, too.
    """
    known = {host: facts(host) for host in hosts}
    all_stop = any_is_fatal and any(_failure(_of_play(_registered(one), play)) for one in known.values())
    return [Account.of(host, one, play, is_alive=host in alive, all_stop=all_stop) for host, one in known.items()]


class Summary(NamedTuple):
    """What a play did to its accounts; none of them, before it begins."""

    accounts: Sequence[Account]
    job: str | None
    own_check_mode: bool
    """That of the task which sums up, if no account tells its own."""

    @property
    def check_mode(self) -> bool:
        """Is what changed a plan? A keyword sets it for the role, too, and not only the command line."""
        modes = [account.check_mode for account in self.accounts if account.check_mode is not None]
        return any(modes) if modes else self.own_check_mode

    def of(self, outcome: str) -> list[Account]:
        """Return the accounts with an outcome."""
        return [account for account in self.accounts if account.outcome == outcome]

    @property
    def counts(self) -> dict[str, int]:
        """How many accounts there are, and how many of each outcome."""
        return {"accounts": len(self.accounts), **{outcome: len(self.of(outcome)) for outcome in OUTCOMES}}

    def as_data(self) -> dict[str, Any]:
        """Return it for a file."""
        return {
            "job": self.job,
            "check_mode": self.check_mode,
            "counts": self.counts,
            "accounts": [account.as_data() for account in self.accounts],
        }

    def lines(self) -> list[str]:
        """Return it for the screen: the counts, what changed, and why the others failed."""
        return [
            self._headline(),
            *_first([f"{account.host}: {', '.join(account.steps)}" for account in self.of(CHANGED)]),
            *_first([f"{account.host} failed: {account.msg}" for account in self.of(FAILED)]),
            *_first([f"{account.host} {account.msg}" for account in self.of(NOT_REACHED) if account.msg]),
        ]

    def _headline(self) -> str:
        words = {CHANGED: "would change"} if self.check_mode else {}
        counts = self.counts
        told = [f"{counts[name]} {words.get(name, name.replace('_', ' '))}" for name in OUTCOMES if counts[name]]
        return f"{counts['accounts']} account{'' if counts['accounts'] == 1 else 's'}: {', '.join(told)}."


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"... and {more} more. The file of mfa_otp_summary names all."]
