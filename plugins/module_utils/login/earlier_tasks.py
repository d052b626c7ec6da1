# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier tasks of a run tell of a user, its settings and its OTP device. Pure. Private to the collection.

The option `seen` takes results as they were registered, so any part of one may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..api.model import Mfa, User
from ..api.texts import is_same_name

USED = ("user", "mfa", "device", "steps", "proved")
"""The parts of a result that are used."""
_REMOVED = "remove_everything"
_CHANGES = frozenset(("unlock", "turn_on", "turn_off", "change_factor", "set_enforcement_level", _REMOVED))
"""The steps that change the MFA state of a user."""
_SWITCHES = {"turn_on": True, "turn_off": False, _REMOVED: False}
"""The steps that turn MFA on or off."""
_GONE = frozenset((_REMOVED, "delete_device", "remove_stored"))
"""The steps that end the device of an earlier task, or its entry."""


class EarlierTasks:
    """What the results of earlier tasks tell. The last one that tells counts.

    :param results: the newest last.
    :param check_mode: what they would have done counts, too.
    """

    def __init__(self, results: Sequence[Mapping[str, Any]], *, check_mode: bool) -> None:
        self._results = results
        self._check_mode = check_mode

    def of(self, user_id: str) -> EarlierTasks:
        """Return those that are not of another user."""
        mine = [one for one in self._results if str(_part(one, "user").get("id") or user_id) == user_id]
        return EarlierTasks(mine, check_mode=self._check_mode)

    def user(self, *, user_id: str = "", name: str = "") -> User | None:
        """Return the user of this id or name, as the last one that shows it does; None when none does.

        Nothing counts that is older than a change of someone whom the result does not tell.
        """
        for result in reversed(self._results):
            user = _shown_user(result)
            if user and (user.id == user_id or is_same_name(user.name, name)):
                return user
            if user is None and not _CHANGES.isdisjoint(_steps(result)):
                return None
        return None

    @property
    def is_on(self) -> bool | None:
        """Is MFA on? In check mode: would it be? None when none tells.

        What check mode would have done counts over what is read after it, where it was not done.
        """
        told = [*map(_shown_on, self._results), *(map(_would_be_on, self._results) if self._check_mode else ())]
        return next((is_on for is_on in reversed(told) if is_on is not None), None)

    @property
    def would_turn_on(self) -> bool:
        """In check mode: would one have turned MFA on?"""
        return self._check_mode and any(map(_would_be_on, self._results))

    @property
    def would_leave_no_device(self) -> bool:
        """In check mode: would one have removed everything, and none after it have made a device?"""
        told = [one for one in self._results if _REMOVED in _steps(one) or one.get("device")]
        return self._check_mode and bool(told) and _REMOVED in _steps(told[-1])

    def verified_device(self, *, by_store: bool = False) -> Mapping[str, Any] | None:
        """Return the verified OTP device that they leave, or in check mode would leave; None when there is none.

        What one tells of another device, which is not verified, says nothing of it.

        :param by_store: only tasks with a store count, which tell whether its secret is proved.
        """
        told = [one for one in self._results if not by_store or "proved" in one or "device" not in one]
        for result in reversed(told):
            if _is_verified(result):
                return _part(result, "device")
            if not _GONE.isdisjoint(_steps(result)):
                return None
        return None

    def saw_unverified(self, device_id: str | None) -> bool:
        """Has the last one that tells of this device seen it unverified?"""
        told = [one for one in self._results if device_id and _part(one, "device").get("id") == device_id]
        return bool(told) and not _is_verified(told[-1])


def _part(result: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = result.get(key)
    return part if isinstance(part, dict) else {}


def _steps(result: Mapping[str, Any]) -> Sequence[str]:
    return result.get("steps") or ()


def _shown_user(result: Mapping[str, Any]) -> User | None:
    """The user of a result that shows its MFA state."""
    user, mfa = _part(result, "user"), _part(result, "mfa")
    if not (user.get("id") and user.get("name") and set(Mfa._fields) <= set(mfa)):
        return None
    return User(str(user["id"]), str(user["name"]), None, True, Mfa(**{field: mfa[field] for field in Mfa._fields}))


def _shown_on(result: Mapping[str, Any]) -> bool | None:
    is_on = _part(result, "mfa").get("enabled")
    return is_on if isinstance(is_on, bool) else None


def _would_be_on(result: Mapping[str, Any]) -> bool | None:
    """Would the task have turned MFA on or off? None when it did, and shows it: then a later result may know better."""
    switches = [_SWITCHES[step] for step in _steps(result) if step in _SWITCHES]
    return switches[-1] if switches and switches[-1] is not _shown_on(result) else None


def _is_verified(result: Mapping[str, Any]) -> bool:
    """Has the task left a verified OTP device, or in check mode: would it have?"""
    return "verify_device" in _steps(result) or _part(result, "device").get("verified") is True
