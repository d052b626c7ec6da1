# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changes of the settings need of the stored entry. Few tasks have a store. Private to the collection."""

from __future__ import annotations

from ..api.errors import Conflict
from ..login.earlier_tasks import EarlierTasks
from ..login.entry_shape import Entry, holds_secret, next_of
from ..login.stored import OF_CODES, StoreChanged, StoredEntry
from ..login.target import Target
from .entry import without
from .settings_plan import SettingsPlan


def ready_store(target: Target, stored: StoredEntry, plan: SettingsPlan) -> None:
    """Make sure of the store before the first change: what comes after it must be able to save.

    Codes that are still stored when MFA is turned on are void since it was off, and go before it is on. The secret of
    the device that a task before has stored and verified is the way in then.

    :raises OptionError: the store cannot be used, or its entry is another account's.
    :raises Conflict: that device was not verified yet, and MFA would be turned on.
    :raises StoreChanged: that secret is not stored any more, and MFA would be turned on.
    """
    if not plan.steps:
        return
    entry = target.entry_in(stored)
    turns_on = any(step.name == "turn_on" for step in plan.steps)
    if turns_on and not stored.check_mode and _lacks_secret(entry, target.earlier):
        raise StoreChanged(
            f"{stored.store.place} no longer holds the secret of the OTP device that an earlier task of this run has "
            f"verified. Multi-factor authentication was not turned on. {_way_on(entry)}"
        )
    if turns_on and target.earlier.saw_unverified(entry.get("device_id")):
        raise Conflict(
            f"The OTP device whose secret {stored.store.place} holds is not verified, by what an earlier task of this "
            "run has seen (O(seen)). Multi-factor authentication was not turned on: no stored secret could log in. "
            "Verify that device first. If a task of this run has verified it, add its result to O(seen)."
        )
    has_void_codes = turns_on and bool(entry.get("bypass_codes"))
    if has_void_codes or not turns_on:
        stored.prepare()
    if has_void_codes:
        stored.save(without(entry, OF_CODES))


def _way_on(entry: Entry) -> str:
    restore = "restore the entry and run this again; if it is lost, run rackspace.identity.recover"
    if holds_secret(entry):
        return f"It holds that of another device. If another run stored it, run this again. Otherwise {restore}."
    return f"To go on, {restore}."


def _lacks_secret(entry: Entry, earlier: EarlierTasks) -> bool:
    """Is the secret of the device missing that an earlier task with a store has verified?"""
    verified = earlier.verified_device(by_store=True)
    stored = {part.get("device_id") for part in (entry, next_of(entry)) if holds_secret(part)}
    return verified is not None and verified.get("id") not in stored
