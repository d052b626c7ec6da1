# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does what the planner says with an account's device and its stored entry. Private to the collection.

Each step that changes the entry is followed by its save, before the next step is looked for. The secret goes from the
answer of the service to the store, and from the store to the verification and the login, inside this process.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..api.errors import UNCERTAIN, Conflict, ConnectionFailed, IdentityError, NotFound, OptionError
from ..api.model import Device, Mfa
from ..login.entry_notes import EntryNotes, NewNotes
from ..login.entry_shape import Entry, holds_secret, next_of, part_of
from ..login.options import Factor, check_pyotp, read_secret
from ..login.session import Session
from ..login.stored import StoreChanged, StoredEntry, only_notes_differ
from ..login.target import Target
from ..otp.secret import Otp, time_step
from . import devices
from .entry import held_ids, ids_of, of_adopted, of_device, with_orphans
from .look import Look, Means
from .planner import Done, Kind, Picture, State, Step, Wish, after, imagined, is_left_over, next_step, room_for_one
from .proof import Proof
from .stored_secret import is_same_secret
from .verification import Verified, Verifier

_MOST_LOOKS = 12
"""How often a removal looks when other runs save in the meantime: more often than one rotation saves."""


class Outcome(NamedTuple):
    """What was done: the names of the steps, the device that is meant, and MFA when it was looked at.

    `before` and `now` are the devices that were there and are there, as far as they were looked at.
    """

    steps: tuple[str, ...]
    device: Device | None
    mfa: Mfa | None
    before: tuple[Device, ...]
    now: tuple[Device, ...]


class DeviceLife:
    """One call's work with the stored device of one account.

    :param stored: the entry of the account, opened.
    :param warn: is told what a person must judge.
    """

    def __init__(
        self,
        session: Session,
        target: Target,
        stored: StoredEntry,
        wish: Wish,
        means: Means,
        warn: Callable[[str], None],
    ) -> None:
        self._session = session
        self._target = target
        self._stored = stored
        self._wish = wish
        self._means = means
        self._warn = warn
        self._proof = Proof(session, target, wish.account, means.proof_password)
        self._names: list[str] = []
        self._made: Device | None = None

    def run(self) -> Outcome:
        """Do one step after the other until nothing is left; in check mode, in the picture alone.

        A removal that another run was faster than looks again: what that one stored has to go, too. But a run that has
        stored the first device may be about to turn MFA on, and is left alone.
        """
        for _try in range(_MOST_LOOKS - 1 if self._wish.state is State.ABSENT else 0):
            was_stored = bool(held_ids(self._stored.entry))
            try:
                return self._run()
            except StoreChanged:
                self._stored.reload()
                if held_ids(self._stored.entry) and not was_stored:
                    raise
        try:
            return self._run()
        except (IdentityError, OptionError) as error:
            if left := self._take_back(error):
                raise error.reworded(f"{str(error).rstrip('.')}. {left}") from None
            raise

    def _run(self) -> Outcome:
        base = self._stored.entry
        is_unnamed = holds_secret(base) and not base.get("device_id")
        mfa = self._target.known_mfa
        is_on = bool(mfa and mfa.uses_otp)  # so an empty list is wrong, or MFA was turned off since
        look_again = self._wish.state is State.ABSENT or self._wish.replaces_unstored or is_unnamed or is_on
        self._devices = devices.Devices(self._session.client, self._target.id, look_again=look_again)
        seen = Look(self._devices, self._target, self._wish, self._means).picture(base)
        self._refuse_another(base)
        if self._stored.check_mode and self._means.is_off:  # what would have been turned off is on by the settings
            seen = seen._replace(is_on=False)
        before = seen.devices
        while (step := self._next_step(seen)) is not None:
            if seen.is_on and not seen.is_proved:
                self._proof.refuse_impossible(self._stored)
            if step.kind in (Kind.NOTE, Kind.CREATE):
                check_pyotp()  # without it nothing can be done with the new secret
            self._stored.prepare()
            base = self._stored.entry
            done = self._foretold(step) if self._stored.check_mode else self._done(step)
            self._refuse_another(base)
            seen, entry = after(self._wish, step, seen, self._stored.entry, done)
            self._keep(step, entry)
            self._names += [name for name in step.names(self._wish) if name not in self._names]
        return Outcome(tuple(self._names), seen.meant, self._target.known_mfa, before, seen.devices)

    # The steps

    def _next_step(self, seen: Picture) -> Step | None:
        """What the planner says; an orphan that is not left over any more is spared.

        Unverified namesakes go when the new secret is stored: another run may be about to store theirs. Only when there
        is no room for one more device they go before.
        """
        wish, entry = self._wish, self._stored.entry
        step = next_step(wish, seen, entry)
        if step and step.kind is Kind.CREATE and len(self._devices.list()) >= devices.MOST_DEVICES:
            if not entry.get("orphans"):
                devices.check_room(self._devices.list(), devices.DevicePlan(remove=seen.unverified))
            step = room_for_one(wish, seen, entry)
        if step and step.device and step.kind is Kind.DELETE_UNVERIFIED:
            there = self._devices.get(step.device.id)
            return step if there and is_left_over(wish, there, entry) else Step(Kind.SPARE)
        return step

    def _foretold(self, step: Step) -> Done:
        """Refuse what a real run would refuse before its first write."""
        if step.kind is Kind.ADOPT and step.device is not None:
            self._given_secret(step.device)
        elif step.kind is Kind.DELETE_UNVERIFIED and step.device is not None:
            self._devices.forget(step.device.id)  # which makes room
        return imagined(self._wish, step)

    def _done(self, step: Step) -> Done:
        """Do a step."""
        kind, device = step.kind, step.device
        if kind is Kind.CREATE:
            return self._create()
        if kind is Kind.PROVE:
            self._proof.log_in((notes := EntryNotes(self._stored, "next")).factor(), notes)
        elif device is not None and kind in (Kind.DELETE, Kind.DELETE_PREVIOUS, Kind.DELETE_UNVERIFIED):
            if kind is Kind.DELETE and device.id not in ids_of(self._stored.entry):
                self._look_again_at(device)
            if kind is Kind.DELETE and device.verified and self._means.is_off:
                self._check_still_off(device)
            self._devices.delete(device)
        elif device is not None and kind is Kind.ADOPT:
            return Done(device._replace(verified=True), self._adopt(device))
        elif device is not None and kind is Kind.VERIFY:
            key = "next" if self._wish.state is State.REPLACED else None
            otp = self._stored_secret(key) if self._wish.is_kept else None
            return Done(device._replace(verified=True), self._verify(device, otp, is_stored=True).fields())
        return Done(device)

    def _look_again_at(self, device: Device) -> None:
        """Look at a device that was found by its name, and at the store: it may be another run's by now.

        :raises StoreChanged: it may be, so what there is must be looked at again.
        """
        base, there = self._stored.entry, self._devices.get(device.id)
        if self._wish.is_kept:
            self._stored.reload()
        self._refuse_another(base)
        if there and there.verified is not device.verified:
            raise self._stored.too_late()

    def _check_still_off(self, device: Device) -> None:
        """Look at the user again: the service deletes a device with MFA on, too, when another one is verified.

        :raises Conflict: MFA is on, and the next login may need this device.
        """
        self._target.look_again()
        mfa = self._target.known_mfa
        if mfa and mfa.enabled:
            raise Conflict(
                f"MFA of {self._wish.account} was turned on again meanwhile, so the OTP device {device.name} (id "
                f"{device.id}) was left. Run it again when no other run works on the account."
            )

    def _create(self) -> Done:
        known = self._wish.keep_ids.union(ids_of(self._stored.entry))
        wish = devices.DeviceWish(self._wish.name, replace=True, keep_ids=known, is_stored=True)
        new = self._devices.create(wish, devices.DevicePlan())
        self._made = new.device
        self._target.note_time()
        fields = of_device(new, self._session.transport.clock.date())
        return Done(new.device, {**fields, **self._step_to_come()}, self._devices.twins)

    def _step_to_come(self) -> Entry:
        """The step that the verification is about to use: after a kill, another controller must not send it again."""
        if self._wish.state is State.PRESENT or not self._wish.can_verify or self._means.code:
            return {}
        return {"last_step": time_step(self._session.transport.clock.now()[0])}

    def _verify(self, device: Device, otp: Otp | None, *, is_stored: bool = False) -> Verified:
        verifier = Verifier(
            self._session.client,
            self._target.id,
            device.id,
            self._target.record,
            was_unverified=not device.verified,
            login_follows=bool(self._means.proof_password or (self._target.is_self and self._session.who.password)),
        )
        code = self._means.code
        try:
            return verifier.by_code(code, otp) if code or otp is None else verifier.by_secret(otp, is_stored=is_stored)
        except NotFound:
            raise Conflict(
                f"The OTP device {device.name} (id {device.id}) was deleted while this run was about to verify it. Run "
                "it again when no other run works on the account."
            ) from None

    def _adopt(self, device: Device) -> Entry:
        """Prove the given secret, by a verification or by a login."""
        otp = self._given_secret(device)
        fields = of_adopted(device, self._means.secret, otp)
        if not device.verified:
            done = self._verify(device, otp)
            # Someone has verified it meanwhile, perhaps with another secret: that is no proof of this one.
            return {**fields, **done.fields()} if done.changed else self._adopt(device._replace(verified=True))
        notes = NewNotes(self._stored)
        self._proof.log_in(Factor(otp=otp), notes)
        return {**fields, **notes.fields}

    def _given_secret(self, device: Device) -> Otp:
        """The secret to adopt with this device, which must be one that can be proved."""
        otp = read_secret("secret", self._means.secret)
        if otp is None:
            raise OptionError("O(secret) is empty: there is nothing to adopt.")
        following = next_of(self._stored.entry)
        if following.get("device_id") != device.id and is_same_secret(self._means.secret, following):
            raise OptionError(
                f"O(secret) is that of another device (id {following.get('device_id')}), which is to replace "
                f"{device.name} (id {device.id}); nothing was changed. Pass the secret of {device.name}, or recover "
                "the account (playbook rackspace.identity.recover), which completes the replacement."
            )
        missing = self._proof.missing() if device.verified else []
        if missing:
            raise OptionError(
                f"The secret of the verified device {device.name} can only be proved by a login with a password while "
                f"MFA is on; nothing was changed. First {' and '.join(missing)}."
            )
        if device.verified:
            self._proof.refuse_impossible(self._stored)
            self._warn_of_others(device)
        return otp

    def _warn_of_others(self, device: Device) -> None:
        """Name the devices that a login cannot tell from the one that is adopted."""
        others = [f"{one.name} (id {one.id})" for one in self._devices.list() if one.verified and one.id != device.id]
        if others:
            self._warn(
                f"A login proves a secret for {self._wish.account}, and does not tell which OTP device has it. It is "
                f"stored as that of {device.name} (id {device.id}), and could be that of {', '.join(sorted(others))}. "
                f"Make sure that it is that of {device.name}, which a rotation, a recovery and a removal delete."
            )

    def _stored_secret(self, key: str | None) -> Otp:
        part = part_of(self._stored.entry, key)
        otp = read_secret("store", part if holds_secret(part) else None)
        if otp is None:
            raise OptionError(f"{self._wish.place} holds no secret to compute the code of {self._wish.account} with.")
        return otp

    # The store

    def _keep(self, step: Step, entry: Entry) -> None:
        if step.kind is Kind.REMOVE_STORED:
            self._stored.remove()
        elif entry != self._stored.entry:
            self._stored.save(entry)

    def _refuse_another(self, base: Entry) -> None:
        """Stop when a new login in between has read another entry than the one that the picture belongs to.

        :raises StoreChanged: it has.
        """
        if not only_notes_differ(base, self._stored.entry):
            raise self._stored.too_late()

    def _is_nowhere(self, made: Device) -> bool:
        """Is that device surely not in the store? A save that failed may have stored it, and another run uses it."""
        with contextlib.suppress(OptionError):  # an entry of another account is none of ours: it is only looked at
            return made.id not in ids_of(self._stored.store.load() or {})
        return False

    def _take_back(self, error: IdentityError | OptionError) -> str:
        """Delete the device that was made here and is not stored, and its twins that are nobody's.

        :return: what to say of what may be left and is not left to another run.
        """
        made, known = self._made, ids_of(self._stored.entry)
        if made and made.id not in known and not self._is_nowhere(made):
            return f"The new OTP device {made.name} (id {made.id}) was left, since its secret may be stored."
        # Nobody would answer what looks at them, either.
        twins = () if isinstance(error, (*UNCERTAIN, ConnectionFailed)) else self._devices.twins
        new = [one for one in (made, *twins) if one and one.id not in known]
        try:
            while new:
                if new[0] is made or self._is_lost(new[0]):
                    self._devices.delete(new[0])
                del new[0]
        except (IdentityError, OptionError):
            # The token may be void: another run turned MFA on. What is told is why the secret could not be stored.
            return "" if self._is_left_to_another(new) else _left(new)
        return ""

    def _is_lost(self, twin: Device) -> bool:
        """Has no run that made a twin at the same time verified or stored it since?"""
        there = self._devices.get(twin.id)
        return there is not None and not there.verified and self._is_nowhere(there)

    def _is_left_to_another(self, new: Sequence[Device]) -> bool:
        """Note them in the entry of the run that was faster; false when there is none, or that fails."""
        with contextlib.suppress(IdentityError, OptionError):
            self._stored.reload()
            if entry := self._stored.entry:
                self._stored.save(with_orphans(entry, (one for one in new if one.id not in ids_of(entry))))
                return True
        return False


def _left(new: Sequence[Device]) -> str:
    """Say what to do with devices that are not taken back. The next run deletes them if it looks for their name."""
    noun, named = "devices" if new[1:] else "device", " and ".join(f"{one.name} (id {one.id})" for one in new)
    return (
        f"Taking back what was made failed, too, so the OTP {noun} {named} may be left. Run it again, and then delete "
        "by its id what is still there and in no store (rax_otp_device with O(device_id) and state: absent)."
    )
