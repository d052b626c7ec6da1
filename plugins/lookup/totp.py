# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Codes for whatever logs in with a time-based one-time password."""

from __future__ import annotations

DOCUMENTATION = r"""
name: totp
short_description: Compute time-based one-time passwords
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Computes the one-time password that a secret gives now, one for each term, as authenticator apps do (RFC 6238).
  - It computes from the clock of the controller and asks no service for the time. If that clock is wrong, so are
    the codes.
  - It reserves nothing. Each templating computes anew, so one expression may give another code a moment later, and two
    tasks may get the same code. Services may refuse a code that was used before.
  - To log in to Rackspace Identity, prefer the option O(rackspace.identity.rax_auth_token#module:otp_secret) of this
    collection's modules. They follow the service's clock, use each code once over all runs, and stop before refused
    codes lock the account. This lookup is for what else asks for a code, a web form or an SSH login for instance.
options:
  _terms:
    description:
      - Secrets. Each is base32 in any case, with or without spaces, dashes and padding; or an C(otpauth://totp/) URI;
        or a dictionary with the keys C(secret) and C(key_uri), as the role P(rackspace.identity.mfa_otp#role) stores
        it.
      - A URI's parameters C(digits), C(period) and C(algorithm), and the C(step_offset) of a stored dictionary,
        are the defaults of the options of the same name.
      - A secret of less than 112 bits works, with a warning.
      - No message ever repeats a secret.
    type: list
    elements: raw
    required: true
  digits:
    description: The length of a code. What the URI says, else V(6), unless given.
    type: int
    choices: [6, 7, 8]
  period:
    description: How many seconds a time step lasts, from V(1) to V(3600). What the URI says, else V(30), unless given.
    type: int
  algorithm:
    description:
      - The hash algorithm, V(SHA1), V(SHA256) or V(SHA512), in any case and with or without a dash.
      - What the URI says, else V(SHA1), unless given.
    type: str
  step_offset:
    description:
      - How many time steps the code's lies after the clock's; negative for earlier ones.
      - What the stored dictionary says, else V(0), unless given.
    type: int
  min_remaining:
    description:
      - How many seconds must be left of the time step. Where less is left, the lookup waits for the next one, and says
        so with C(-v).
      - Terms of different periods are waited for one after the other.
      - The period or more can't be had and is an error.
    type: float
    default: 0
  at:
    description:
      - The time to compute for, in seconds since 1970-01-01 00:00:00 UTC, in place of the clock's. Meant for tests.
      - With O(min_remaining) nothing is waited for. The code is then the one that waiting would have given.
    type: float
  details:
    description: Whether to return dictionaries in place of codes.
    type: bool
    default: false
notes:
  - The Python library pyotp must be installed for the Python that runs Ansible.
  - The lookup changes nothing, and runs in check mode as well.
  - Keep secrets in variables. If a template fails, newer versions of ansible-core show its text, and what is written
    there as a literal with it.
seealso:
  - module: rackspace.identity.rax_auth_token
  - plugin: rackspace.identity.otpauth
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Log in where a code is asked for
  ansible.builtin.uri:
    url: https://portal.example.com/login
    method: POST
    body_format: json
    body:
      user: deploy
      password: "{{ portal_password }}"
      code: "{{ lookup('rackspace.identity.totp', portal_otp_secret, min_remaining=5) }}"
  no_log: true

- name: Use a secret that asks for eight digits and SHA-256
  ansible.builtin.set_fact:
    portal_code: "{{ lookup('rackspace.identity.totp', portal_otp_secret, digits=8, algorithm='SHA256') }}"
  no_log: true

- name: Show how long the code of a stored entry is good for
  ansible.builtin.debug:
    msg: "{{ lookup('rackspace.identity.totp', rax_mfa_otp, details=true).remaining }} s left"
"""

RETURN = r"""
_raw:
  description:
    - One item for each term, a code as a string of digits whose leading zeros are kept.
    - With O(details=true), a dictionary instead. It has the keys C(code), C(remaining) (whole seconds left of the time
      step, rounded down) and C(expires) (when the step ends, in seconds since 1970-01-01 00:00:00 UTC).
  type: list
  elements: raw
  sample: ["012345"]
"""

import math
import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.rackspace.identity.plugins.module_utils.otp.key_uri import SecretError
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import (
    SAFE_BITS,
    Otp,
    PyotpMissing,
    parse,
    parse_algorithm,
    time_step,
)
from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import plain
from ansible_collections.rackspace.identity.plugins.plugin_utils.refused_option import REFUSALS, told, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

display = Display()


@dataclass(frozen=True)
class Options:
    """The options, as the documentation describes them; None if one was not given."""

    digits: int | None
    period: int | None
    algorithm: str | None
    step_offset: int | None
    min_remaining: float
    at: float | None
    details: bool

    @classmethod
    def read(cls, get_option: Callable[[str], Any]) -> Options:
        return cls(**{option.name: plain(get_option(option.name)) for option in fields(cls)})

    def apply(self, otp: Otp) -> Otp:
        """The source of codes with what was given put over what its URI says.

        :raises ValueError: for values that can't be.
        """
        otp = replace(
            otp,
            digits=otp.digits if self.digits is None else self.digits,
            period=otp.period if self.period is None else self.period,
            algorithm=otp.algorithm if self.algorithm is None else parse_algorithm(self.algorithm),
        )
        if not 0 <= self.min_remaining < otp.period:
            raise ValueError(f"min_remaining must be at least 0 and below the period, which is {otp.period} seconds.")
        if self.at is not None and not math.isfinite(self.at):
            raise ValueError("at must be a number of seconds.")
        return otp

    def offset(self, term: Any) -> int:
        """The step offset, whose default is the stored one."""
        stored = term.get("step_offset") if isinstance(term, dict) else None
        if self.step_offset is not None or stored is None:
            return self.step_offset or 0
        if not isinstance(stored, int):
            raise SecretError("The key 'step_offset' of the stored dictionary must be a whole number.")
        return stored

    def wait(self, moment: float, period: int) -> float:
        """Seconds from this moment to the next time step, or none if enough is left of this one."""
        remaining = period - moment % period
        return remaining if remaining < self.min_remaining else 0.0


class LookupModule(LookupBase):
    """One code a term; the clock and the waiting are attributes, for tests to replace."""

    clock: Callable[[], float] = staticmethod(time.time)
    sleep: Callable[[float], None] = staticmethod(time.sleep)

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Read all terms before anything is waited for, then compute in their order."""
        # A loop of the form with_ gives the option wantlist, which is core's.
        if refusal := unknown("totp", kwargs, [*(option.name for option in fields(Options)), "wantlist"]):
            raise AnsibleLookupError(refusal)
        try:
            self.set_options(var_options=variables, direct=kwargs)
            options = Options.read(self.get_option)
        except REFUSALS as exc:
            raise AnsibleLookupError(told(exc, self.option_definitions, kwargs)) from None
        flat = self._flatten(terms)
        names = [f"Term {number}: " if len(flat) > 1 else "" for number in range(1, len(flat) + 1)]
        sources = [self._source(term, options, name) for term, name in zip(flat, names, strict=True)]
        try:
            return [self._answer(otp, offset, options) for otp, offset in sources]
        except PyotpMissing as exc:
            raise AnsibleLookupError(str(exc)) from None
        except ValueError as exc:
            raise AnsibleLookupError(f"{exc} Correct at or step_offset.") from None

    @staticmethod
    def _source(term: Any, options: Options, name: str) -> tuple[Otp, int]:
        """The secret and the step offset; `name` says which term is refused, if there are several."""
        try:
            term = plain(term)
            otp, offset = options.apply(parse(term)), options.offset(term)
        except ValueError as exc:
            # `from None`: newer cores print the words of a cause.
            raise AnsibleLookupError(f"{name}{exc}") from None
        if otp.bits < SAFE_BITS:
            display.warning(f"{name}The secret has {otp.bits} bits; with less than {SAFE_BITS} it is a weak one.")
        return otp, offset

    def _answer(self, otp: Otp, offset: int, options: Options) -> str | dict[str, Any]:
        moment = self._moment(otp.period, options)
        step = time_step(moment, otp.period)
        code = otp.code_at(step + offset)
        if not options.details:
            return code
        expires = (step + 1) * otp.period
        return {"code": code, "remaining": math.floor(expires - moment), "expires": expires}

    def _moment(self, period: int, options: Options) -> float:
        """The time to compute for, after the wait that `min_remaining` asks for."""
        if options.at is not None:
            return options.at + options.wait(options.at, period)
        moment = self.clock()
        while wait := options.wait(moment, period):
            display.v(f"Waiting {wait:.1f} s for the next one-time password.")
            self.sleep(wait)
            # Again: the wall clock may lag a little behind what was slept, or have been set back meanwhile.
            moment = self.clock()
        return moment
