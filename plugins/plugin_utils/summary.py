# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a play did to its accounts: an outcome for each host, counts, and words. Pure. Private to the collection."""

from __future__ import annotations

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

    @classmethod
    def of(cls, host: str, facts: Facts, play: str, *, is_alive: bool, all_stop: bool = False) -> Account:
        """Return what came of a host.

        :param play: the ID of the play. What is known of an earlier one does not count.
        :param is_alive: it has not failed, or its failure was rescued or ignored.
        :param all_stop: the failure of another host has stopped this one.
        """
        registered = _registered(facts)
        ours = _of_play(registered, play)
        result = (ours and facts.get(_RESULT)) or {}
        # The failure of an earlier play counts if it keeps the host out of this one.
        failure = _failure(ours if is_alive else registered)
        is_stopped = all_stop and not failure
        if "changed" in result and (is_alive or is_stopped):
            steps = tuple(result.get("plan") or result.get("steps") or ())
            return cls(host, CHANGED if result["changed"] else SETTLED, steps)
        if failure or not (is_alive or is_stopped):
            return cls(host, FAILED, msg=str(failure.get("msg") or _ELSEWHERE), error=failure.get("error"))
        return cls(host, NOT_REACHED, msg=None if is_alive else _STOPPED)

    def as_data(self) -> dict[str, Any]:
        """Return what is known of it."""
        more = {"msg": self.msg, "error": self.error} if self.outcome == FAILED else {"steps": list(self.steps)}
        return {"host": self.host, "outcome": self.outcome, **more}


def _registered(facts: Facts) -> list[Facts]:
    """Return the results of the role's tasks."""
    return [value for name, value in facts.items() if name.startswith(_REGISTERED) and isinstance(value, Mapping)]


def _of_play(registered: Iterable[Facts], play: str) -> list[Facts]:
    """Return the results of this play, as each tells. A failure of core, such as a timeout, does not."""
    of_core = {"play": play}
    return [
        one for one in registered if (one.get("for_role") or (one.get("failed") and of_core) or {}).get("play") == play
    ]


def _failure(results: Iterable[Facts]) -> Facts:
    return next((result for result in results if result.get("failed") is True), {})


def accounts_of(
    hosts: Sequence[str],
    alive: Collection[str],
    facts: Callable[[str], Facts],
    play: str,
    *,
    any_is_fatal: bool = False,
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
    check_mode: bool

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
