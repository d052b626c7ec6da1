# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account's way to a second factor, to another device, and back: as far as it goes until something must be stored.

Each job looks at what is there and goes on from it. Where a secret is new, or takes the place of another one, it ends
and hands out the entry to be stored; called again with that entry it goes on. So wherever it is killed, what is
stored logs in, and the next call ends what was begun. In check mode nothing is sent that changes something, and the
steps are those that all calls together would do. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..api.errors import Conflict, OptionError
from ..api.model import Device, Mfa
from ..login.login import Login
from ..login.options import Credentials, Factor, read_secret
from ..login.session import Session
from ..login.target import Target
from ..otp.secret import Otp
from . import bypass, devices, settings
from .entry import Entry, finished, of_device, owner, promoted
from .verification import Verifier

CREATE, STORE, VERIFY, TURN_ON, PROVE = "create_device", "store_secret", "verify_device", "turn_on", "prove_login"
KEEP_CODES, SET_LEVEL = "keep_bypass_codes", "set_enforcement_level"
UNLOCK, PROMOTE, DELETE_PREVIOUS = "unlock", "promote", "delete_previous"
TURN_OFF, REMOVE_ALL, DELETE, REMOVE_STORED = "turn_off", "remove_everything", "delete_device", "remove_stored"
_USUAL_CODES = 10
"""As many as the service makes for oneself."""
_ASKS_FOR_PROOF = {CREATE, VERIFY, TURN_ON}
"""After one of these a login shows that the account is not locked out."""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    :param replaces_unverified: an unverified device whose secret is not in the entry is removed; else it is taken.
    :param verifies: False where a person does it: then a device that is not verified ends the call.
    :param is_stored: the entry is kept between runs, so a verified device whose secret it lacks is an error.
    :param proof_password: the account's own, for the login that proves its second factor; None: no proof.
    :param bypass_codes: how many to have where the entry has none; a lost device's are made anew.
    :param remove_all, keep_entry: for a removal: all that the user has; what is stored stays.
    :param done: the steps of the calls before, in this run.
    """

    device_name: str
    replaces_unverified: bool = True
    verifies: bool = True
    is_stored: bool = True
    proof_password: str | None = field(default=None, repr=False)
    bypass_codes: int = 0
    enforcement_level: str | None = None
    remove_all: bool = False
    keep_entry: bool = False
    done: tuple[str, ...] = ()
    check_mode: bool = False


@dataclass
class Progress:
    """How far it came.

    :param entry: what is to be kept of the account.
    :param must_store: the entry changed: it has to be stored before anything else is done.
    :param finished: nothing is left to do once it is stored.
    """

    entry: dict[str, Any] = field(repr=False)
    steps: list[str]
    must_store: bool = False
    finished: bool = False
    device: Device | None = None
    mfa: Mfa | None = None


def unseen_recovery(stored: Entry, wish: Wish) -> Progress:
    """What a recovery would do, as far as the store tells: in check mode no code is spent to log in and look."""
    creation = [] if stored.get("next") else [CREATE, STORE] if wish.is_stored else [CREATE]
    proof = [PROVE] if wish.proof_password else []
    codes = [KEEP_CODES] if _codes_of_recovery(stored, wish) else []
    steps = [*creation, VERIFY, *proof, PROMOTE, *codes, DELETE_PREVIOUS]
    device = Device((stored.get("next") or {}).get("device_id", ""), wish.device_name, verified=False)
    return Progress(dict(stored), steps, finished=True, device=device)


def _codes_of_recovery(stored: Entry, wish: Wish) -> int:
    """How many bypass codes to make: whoever has some gets new ones."""
    return wish.bypass_codes or (_USUAL_CODES if "bypass_codes" in stored else 0)


class Enrolment:
    """The jobs that are done with one account and its entry.

    :param account: the name of the user that is acted on.
    :param warn: shows a warning at the end of the task.
    """

    def __init__(
        self, session: Session, target: Target, account: str, stored: Entry, wish: Wish, warn: Callable[[str], None]
    ) -> None:
        self._session = session
        self._client = session.client
        self._target = target
        self._account = account
        self._wish = wish
        self._warn = warn
        self._replaces = False
        self.progress = Progress(dict(stored), list(wish.done))

    def enrol(self) -> Progress:
        """A device, verified, and MFA on with it.

        :raises Conflict: a verified device of the name is there, and the entry has no secret of it.
        """
        if self._is_ready(self._have_device()):
            self._turn_on()
            self._prove()
            self._have_codes(self._wish.bypass_codes)
            self._set_level()
            self.progress.finished = True
        return self.progress

    def replace(self) -> Progress:
        """A second device of the same name in the place of the stored one.

        What a former call has begun is ended, and then nothing new is begun.
        """
        return self._replace(codes=0)

    def recover(self) -> Progress:
        """A device in the place of a lost one: the stored one, or the verified one where nothing is stored.

        An administrator lifts a lock-out first.
        """
        if not self._target.is_self:
            self._apply(UNLOCK, settings.compare(self._mfa, settings.Wish(unlock=True)))
        return self._replace(_codes_of_recovery(self.progress.entry, self._wish))

    def _replace(self, codes: int) -> Progress:
        self._replaces = True
        if "previous" in self.progress.entry:
            self._end_replacement(codes)
            return self.progress
        old = self._old_id()
        if self._is_ready(self._have_device(keep_ids=frozenset({old} - {""}))):
            self._prove()
            self.progress.steps.append(PROMOTE)
            self._store(promoted(self.progress.entry, previous=old, voids_codes=codes > 0))
            if self._wish.check_mode:
                self._end_replacement(codes)
        return self.progress

    def remove(self) -> Progress:
        """MFA off, then the devices of the entry or of the name; or everything. MFA first: it keeps the last one."""
        everything = self._wish.remove_all
        wish = settings.Wish(remove=True) if everything else settings.Wish(enabled=False)
        plan = settings.Settings(self._session, self._target).plan(wish, check_mode=self._wish.check_mode)
        self._apply(REMOVE_ALL if everything else TURN_OFF, plan)
        if not everything:
            self._delete_devices()
        if self.progress.entry and not self._wish.keep_entry:
            self.progress.steps.append(REMOVE_STORED)
            self._store({})
        self.progress.finished = True
        return self.progress

    # The secret that is worked on: the account's own, or that of the device which is to take its place

    @property
    def _candidate(self) -> Entry:
        return (self.progress.entry.get("next") or {}) if self._replaces else self.progress.entry

    def _keep(self, fields: Entry) -> None:
        entry = self.progress.entry
        self._store({**entry, "next": {**self._candidate, **fields}} if self._replaces else {**entry, **fields})

    def _store(self, entry: dict[str, Any]) -> None:
        self.progress.entry = entry
        self.progress.must_store = True

    def _secret(self) -> Otp | None:
        return read_secret("entry", self._candidate)

    # The stages

    def _have_device(self, keep_ids: frozenset[str] = frozenset()) -> Device:
        """The device of the candidate's secret; else a new one, whose secret is to be stored."""
        steps, name, device_id = self.progress.steps, self._wish.device_name, self._candidate.get("device_id")
        if device_id and {CREATE, VERIFY} & set(steps):  # the calls before have seen it
            return Device(device_id, name, verified=VERIFY in steps)
        there = devices.Devices(self._client, self._target.id)
        wish = devices.Wish(name, device_id or None, self._wish.replaces_unverified, keep_ids)
        plan = there.find(wish)
        if plan.device is None:
            return self._create(there, wish, plan)
        if self._wish.is_stored and plan.device.id != device_id:
            raise Conflict(
                f"The OTP device {name} of {self._account} is verified (id {plan.device.id}), and its secret is not in "
                "the store; nothing was changed. Either choose another name for the device (in the role: "
                "mfa_otp_device_name), or recover the account (the role's entry point recover), which makes a new "
                "device and deletes this one."
            )
        return plan.device

    def _create(self, there: devices.Devices, wish: devices.Wish, plan: devices.Plan) -> Device:
        self.progress.steps += [CREATE, STORE] if self._wish.is_stored else [CREATE]
        if self._wish.check_mode:
            devices.check_room(there.list(), plan)
            return Device("", self._wish.device_name, verified=False)
        new = there.create(wish, plan)
        self._target.note_time()
        self.progress.entry.update(owner(self._account, self._target.id, self._session.way.endpoint))
        self._keep(of_device(new))
        return new.device

    def _is_ready(self, device: Device) -> bool:
        """Verify the device; False where something else comes first: a person's part, or the storing."""
        progress = self.progress
        progress.device = device
        if not device.verified and self._wish.check_mode:
            progress.steps.append(VERIFY)
            return True
        if device.verified or progress.must_store or not self._wish.verifies:
            return device.verified
        otp = self._secret()
        if otp is None:
            raise OptionError("entry holds no secret, so the code that verifies the device can't be computed.")
        outcome = Verifier(self._client, self._target.id, device.id, self._target.record).by_secret(otp)
        progress.device = device._replace(verified=True)
        progress.steps.append(VERIFY)
        if outcome.step_offset is None:
            return True
        self._keep({"step_offset": outcome.step_offset})
        return not self._replaces  # stored, it tells a recovery that was killed that the new secret logs in

    def _turn_on(self) -> None:
        # In check mode the device may not be verified yet, or not be there: that it would be is the plan.
        self._apply(TURN_ON, settings.compare(self._mfa, settings.Wish(enabled=True, factor_type="OTP")))

    def _set_level(self) -> None:
        if self._wish.enforcement_level:
            wish = settings.Wish(enforcement_level=self._wish.enforcement_level)
            self._apply(SET_LEVEL, settings.compare(self._mfa, wish))

    @property
    def _mfa(self) -> Mfa:
        return self.progress.mfa or self._target.mfa

    def _apply(self, step: str, plan: settings.Plan) -> None:
        self.progress.mfa = plan.after
        if plan.steps:
            self.progress.steps.append(step)
            if not self._wish.check_mode:
                settings.Settings(self._session, self._target).apply(plan)

    def _prove(self) -> None:
        """Log in with the password and the candidate's secret. Where the account works itself, this goes on with it."""
        password, steps, otp = self._wish.proof_password, self.progress.steps, self._secret()
        if not password or not (self._replaces or _ASKS_FOR_PROOF & set(steps)):
            return
        if self._wish.check_mode:
            # A secret may be replaced while MFA is off: then nothing is proved. An enrolment would have turned it on.
            provable = (otp or CREATE in steps) and (not self._replaces or self._mfa.enabled)
            steps += [PROVE] if provable else []
        elif otp is None:
            return  # it is in a person's phone alone
        elif self._logs_in_with_factor(password, otp):
            steps.append(PROVE)
        elif not self._replaces:
            raise Conflict(
                f"{self._account} logged in without a second factor although MFA is on. Run this again; when it stays "
                "so, look at the account with rax_mfa_info."
            )

    def _logs_in_with_factor(self, password: str, otp: Otp) -> bool:
        offset = self._candidate.get("step_offset")
        factor = Factor(otp=otp, step_offset=offset if offset in (-1, 0) else None)
        who = Credentials("proof_password", username=self._account, password=password, factor=factor)
        login = Login(self._session.transport, who, self._session.way, self._session.login.say)
        access = login()
        if self._target.is_self and not self._session.who.api_key:
            self._session.use(access)  # turning MFA on has ended the token of the first login
        self._learn_offset(otp)
        return login.second_factor

    def _learn_offset(self, otp: Otp) -> None:
        """A verification does not always tell which steps the service takes; the login that follows does."""
        used = self._target.record.read().secrets.get(otp.digest)
        if used and used.offset is not None and self._candidate.get("step_offset") is None:
            self._keep({"step_offset": used.offset})

    def _have_codes(self, count: int) -> bool:
        """Codes only where the store has none: they can't be read again, and new ones void the old. Were any made?"""
        steps = self.progress.steps
        if not count or self.progress.entry.get("bypass_codes") or KEEP_CODES in steps:
            return False
        steps.append(KEEP_CODES)
        if self._wish.check_mode:
            return False
        wish = bypass.Wish(count)
        new = bypass.create(self._session, self._target, wish)
        for difference in bypass.differences(wish, new):
            self._warn(difference)
        self._store({**self.progress.entry, "bypass_codes": list(new.codes)})
        return True

    def _old_id(self) -> str:
        """The device that is to be replaced: the stored one, else the only verified one of the name; "" for none."""
        stored = self.progress.entry.get("device_id")
        if stored:
            return str(stored)
        name, pending = self._wish.device_name, self._candidate.get("device_id")
        there = devices.Devices(self._client, self._target.id, look_again=True).list()
        found = sorted(one.id for one in there if one.verified and one.name == name and one.id != pending)
        if len(found) > 1:
            raise Conflict(
                f"{self._account} has several verified devices of the name {name}, and the store does not say which "
                f"one is lost; nothing was changed. Delete the lost one by its id: {', '.join(found)}."
            )
        return found[0] if found else ""

    def _end_replacement(self, codes: int) -> None:
        """New codes where they are wanted, which are stored before anything else; then the old device goes."""
        if self._have_codes(codes):
            return
        entry = self.progress.entry
        self.progress.device = self.progress.device or Device(entry["device_id"], entry["device_name"], verified=True)
        previous = entry["previous"]
        if previous:
            self.progress.steps.append(DELETE_PREVIOUS)
            if not self._wish.check_mode:
                self._client.delete_otp_device(self._target.id, previous)
        self._store(finished(self.progress.entry))
        self.progress.finished = True

    def _delete_devices(self) -> None:
        """What is stored names them by their ids; a replacement that was killed left two."""
        entry = self.progress.entry
        ids = [entry.get("device_id"), (entry.get("next") or {}).get("device_id"), entry.get("previous")]
        wishes = [devices.Wish(device_id=device_id) for device_id in ids if device_id]
        there = devices.Devices(self._client, self._target.id, look_again=True)
        found = [there.find(wish).device for wish in wishes or [devices.Wish(self._wish.device_name)]]
        for device in filter(None, found):
            if not self._wish.check_mode:
                there.delete(device)
        if any(found):
            self.progress.steps.append(DELETE)
