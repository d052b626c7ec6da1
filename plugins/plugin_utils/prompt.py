# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking a person for the code of a new OTP device until the service takes one. Private to the collection.

Failed verifications do not lock an account (contract, "OTP devices"): a person may mistype.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils.api.errors import UNCERTAIN, IdentityError, NotFound, OptionError, PasscodeRefused
from ..module_utils.api.model import Device
from ..module_utils.login.entry_shape import holds_secret, next_of, with_fields
from ..module_utils.login.session import Session
from ..module_utils.login.target import Target
from ..module_utils.login.typed_passcode import clean_code
from ..module_utils.mfa.devices import Devices, DeviceWish
from ..module_utils.mfa.verification import Verified, Verifier
from ..module_utils.otp.secret import PERIOD, Otp, time_step
from ..module_utils.run.runner import ModuleLike
from ..module_utils.run.task import open_session
from .enrollment import read
from .qr_code import show
from .terminal import Terminal, printable

_FAR = 120
"""Steps to each side, an hour: how wrong a phone's clock may be for us to tell. A wrong code in 4000 fits by chance."""
_NEAR = 2
"""Steps to each side that are no fault of a clock: people are slow."""


class Prompt:
    """The logic of `rax_otp_prompt`, with the terminal that it asks at."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def run(self, module: ModuleLike) -> dict[str, Any]:
        """Have the device verified by the person who holds it."""
        params = module.params
        _check(params)
        if params["only_check"]:
            self._terminal.check()
            return {"changed": False}
        with open_session(module) as session:
            target = Target(session, params.get)
            waiting = _open(session, target)
            device = _find(Devices(session.client, target.id, look_again=True), params, waiting)
            if device.verified or module.check_mode:
                return _report(device, Verified(changed=not device.verified))
            enrollment = read(
                params["secret"] or (waiting if holds_secret(waiting) else None),
                _account(session, target, params),
                device.name,
            )
            verifier = Verifier(session.client, target.id, device.id, target.record, was_unverified=True)
            otp = enrollment.otp if enrollment else None
            question = Question(_account(session, target, params), device.name, params["attempts"], params["note"])
            with self._terminal.alone():
                if params["show_qr"] and enrollment and self._terminal.why_not() is None:
                    show(self._terminal, enrollment)
                outcome = self._ask(question, params["answer_timeout"], session, verifier, otp)
            _keep(session, device, outcome)
            return _report(device, outcome)

    def _ask(
        self, question: Question, patience: int, session: Session, verifier: Verifier, otp: Otp | None
    ) -> Verified:
        while question.may_be_asked:
            code = question.take(self._terminal.ask(question.text(), patience))
            if code is None:
                continue
            try:
                return verifier.by_code(code, otp)
            except PasscodeRefused:
                now = time_step(session.client.transport.clock.now()[0])
                question.refused(code, advice(otp, code, now))
            except UNCERTAIN:
                question.lost(code)
        raise question.given_up()


class Question:
    """One device's question: what to say each time, and how often it may still be asked."""

    def __init__(self, account: str, device: str, attempts: int, note: str | None = None) -> None:
        self.subject = f"the OTP device {printable(device)} of {printable(account)}"
        self._left = self._attempts = attempts
        self._sent: set[str] = set()
        self._news = printable(note or "")

    @property
    def may_be_asked(self) -> bool:
        """Is there an attempt left?"""
        return self._left > 0

    def text(self) -> str:
        """What to ask now. It holds no code: it goes to the log of the run."""
        tries = "" if self._left == self._attempts else f" Tries left: {self._left}."
        return (
            f"{self._news}{tries}\nThe code that the app shows now for {self.subject}"
            " (6 digits, not shown as you type), then enter:"
        ).lstrip()

    def take(self, answer: str) -> str | None:
        """The code in an answer, None for one that need not be sent."""
        self._left -= 1
        try:
            code = clean_code(answer)
        except OptionError:
            self._news = "That is no code: a code has 6 digits."
            return None
        if code in self._sent:
            self._news = "That is the code from before. Wait until the app shows another one."
            return None
        return code

    def refused(self, code: str, advice: str) -> None:
        """The service refused it."""
        self._sent.add(code)
        self._news = f"The code was refused: it is wrong, or too old. {advice}"

    def lost(self, code: str) -> None:
        """The service did not answer, and the device is not verified."""
        self._sent.add(code)
        self._news = "The service gave no answer. Wait until the app shows another code."

    def given_up(self) -> IdentityError:
        """What to raise when the attempts are used up."""
        return PasscodeRefused(
            f"None of {self._attempts} answers was a code that the service took: {self.subject} is not verified. "
            "Refused verifications do not lock the account. Run it again with the app ready."
        )


def _check(params: Mapping[str, Any]) -> None:
    for name in ("attempts", "answer_timeout"):
        if params[name] < 1:
            raise OptionError(f"{name} must be 1 or more.")
    if params["show_qr"] and not (params["secret"] or params["store"]):
        raise OptionError("show_qr needs secret or store: the QR code is drawn of it.")


def _open(session: Session, target: Target) -> Mapping[str, Any]:
    """The part of the stored entry whose device waits for a person; empty without a store."""
    if session.stored is None:
        return {}
    entry = target.entry_in(session.stored)
    session.stored.prepare()
    return next_of(entry) or entry


def _keep(session: Session, device: Device, outcome: Verified) -> None:
    """Store what the verification told of the secret."""
    stored, fields = session.stored, outcome.fields()
    if stored is None or not fields:
        return
    key = "next" if next_of(stored.entry).get("device_id") == device.id else None
    stored.save(with_fields(stored.entry, key, fields))


def _find(devices: Devices, params: Mapping[str, Any], stored: Mapping[str, Any]) -> Device:
    device_id = params["device_id"] or stored.get("device_id") or None
    name = params["name"] if not device_id else None
    device = devices.find(DeviceWish(name, device_id)).device
    if device is None:
        raise NotFound("There is no such OTP device to verify. Create it first, with rax_otp_device.")
    return device


def _account(session: Session, target: Target, params: Mapping[str, Any]) -> str:
    """The user whose device it is, by a name that the person knows."""
    if params["target_user"]:
        return str(params["target_user"])
    own = None if params["target_user_id"] else session.who.username
    return own or target.user.name or target.id


def advice(otp: Otp | None, code: str, now: int) -> str:
    """What to do after a refusal. If the secret is known, when the code was good tells what is wrong with the clock.

    :param now: the current time step of the service.
    """
    wait = "Wait until the app shows the next one."
    if otp is None:
        return wait
    steps = sorted(range(-_FAR, _FAR + 1), key=abs)
    off = next((step for step in steps if now + step >= 0 and otp.code_at(now + step) == code), None)
    if off is None:
        return f"It is not one of this device: look for the right entry in the app. {wait}"
    if abs(off) <= _NEAR:
        return wait
    minutes = max(round(abs(off) * PERIOD / 60), 1)
    behind = "behind" if off < 0 else "ahead"
    return f"The phone's clock is about {minutes} min {behind}: let it set its time by itself. {wait}"


def _report(device: Device, outcome: Verified) -> dict[str, Any]:
    was = device._replace(verified=not outcome.changed).facts()
    now = device._replace(verified=True).facts()
    diff = {"before": {"devices": [was]}, "after": {"devices": [now]}}
    steps = ["verify_device"] if outcome.changed else []
    return {"changed": outcome.changed, "steps": steps, "device": now, "step_offset": outcome.step_offset, "diff": diff}
