# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One method for each operation of the service that needs a token, plain data in and out. Private to the collection.

Knows requests and answers (contract, "Operations"), and no wish, no plan and no module.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from .errors import InvalidAnswer
from .faults import refusal
from .model import Access, BypassCodes, Device, Domain, Phone, User
from .transport import Repeat, Transport
from .wire import Answer, fault, items, member, required, root, text

_NEXT_PAGE = r"""(?i)<(?P<url>[^>]*)>\s*;[^,]*\brel="?next\b"""


class Verification(enum.Enum):
    """What the service says to a code for a device or a phone."""

    ACCEPTED = "the code was right"
    REFUSED = "the code was wrong or too old"
    ALREADY = "it was verified before"


class Client:
    """The service, as seen with one token.

    :param renew: gives a new token where one is refused; called at most once.
    """

    def __init__(self, transport: Transport, token: str, renew: Callable[[], str] | None = None) -> None:
        self.transport = transport
        self.token = token
        self._renew = renew

    # Tokens and users

    def validate_token(self, token: str) -> Access:
        """Who a token belongs to. No new login is made for it: the path names the old token."""
        answer = self._call("GET", f"/v2.0/tokens/{_segment(token)}", "Validating the token", renew=False)
        return Access.read(root(answer, "access", dict, "Validating the token"), token)

    def revoke_token(self, token: str) -> None:
        """Make a token worthless."""
        self._call("DELETE", f"/v2.0/tokens/{_segment(token)}", "Revoking the token")

    def user(self, user_id: str) -> User:
        """One user by its id."""
        doing = "Reading the user"
        return User.read(root(self._call("GET", f"/v2.0/users/{_segment(user_id)}", doing), "user", dict, doing))

    def user_by_name(self, name: str) -> User:
        """One user by its name, which the service matches without regard to case."""
        doing = "Looking the user up by name"
        answer = self._call("GET", "/v2.0/users", doing, params={"name": name})
        return User.read(root(answer, "user", dict, doing))

    def users(self) -> Iterator[User]:
        """The users that the token may see, page by page; a page may be short or empty and still have a next."""
        doing = "Listing the users"
        params: dict[str, str] = {}
        seen: set[str] = set()
        while True:
            answer = self._call("GET", "/v2.0/users", doing, params=params)
            yield from map(User.read, root(answer, "users", list, doing))
            following = re.search(_NEXT_PAGE, answer.headers.get("Link", ""))
            if not following:
                return
            # Of the link only the query is taken: a gateway may print a host of its own.
            query = urlsplit(following["url"]).query
            if query in seen:
                raise InvalidAnswer("The list of users leads back to a page that was read before.")
            seen.add(query)
            params = dict(parse_qsl(query))

    # OTP devices

    def otp_devices(self, user_id: str) -> list[Device]:
        """The OTP devices of a user, in no defined order."""
        doing = "Listing the OTP devices"
        answer = self._call("GET", _mfa(user_id, "otp-devices"), doing)
        return [Device.read(item) for item in root(answer, "RAX-AUTH:otpDevices", list, doing)]

    def otp_device(self, user_id: str, device_id: str) -> Device:
        """One OTP device by its id."""
        doing = "Reading the OTP device"
        answer = self._call("GET", _mfa(user_id, "otp-devices", device_id), doing)
        return Device.read(root(answer, "RAX-AUTH:otpDevice", dict, doing))

    def add_otp_device(self, user_id: str, name: str) -> tuple[Device, str, str]:
        """Add a device; returns it with its key URI and its QR code, which no other answer ever holds.

        Raises LostAnswer, or Unavailable for a 5xx: in both cases the device may be there.
        """
        doing = "Adding an OTP device"
        body = {"RAX-AUTH:otpDevice": {"name": name}}
        answer = self._call(
            "POST", _mfa(user_id, "otp-devices"), doing, json=body, expect=(200, 201), repeat=Repeat.IF_NOT_DONE
        )
        data = root(answer, "RAX-AUTH:otpDevice", dict, doing)
        key_uri = required(text(member(data, "keyUri")), "key URI of the new OTP device")
        return Device.read(data), key_uri, text(member(data, "qrcode")) or ""

    def verify_otp_device(self, user_id: str, device_id: str, code: str) -> Verification:
        """Send one code for a device. Wrong ones do not lock."""
        return self._verify(_mfa(user_id, "otp-devices", device_id, "verify"), "Verifying the OTP device", code)

    def delete_otp_device(self, user_id: str, device_id: str) -> None:
        """Delete a device."""
        self._call("DELETE", _mfa(user_id, "otp-devices", device_id), "Deleting the OTP device", expect=(204, 404))

    def devices(self, user_id: str) -> tuple[list[Device], list[Phone]]:
        """The OTP devices and the phones of a user. One request where the service has it (observed), else two."""
        doing = "Listing the devices"
        answer = self._call("GET", _mfa(user_id, "devices"), doing, expect=(200, 404, 405))
        if answer.status != 200:
            return self.otp_devices(user_id), self.phones(user_id)
        data = root(answer, "RAX-AUTH:multiFactorDevices", dict, doing)
        devices, phones = items(data, "otpDevices"), items(data, "mobilePhones")
        return [Device.read(item) for item in devices], [Phone.read(item) for item in phones]

    def all_devices(self, user_id: str) -> tuple[list[Device], list[Phone]]:
        """The same. Without OTP devices it looks again: an empty list is no proof (contract, "OTP devices")."""
        devices, phones = self.devices(user_id)
        return (devices, phones) if devices else self.devices(user_id)

    # Phones

    def phones(self, user_id: str) -> list[Phone]:
        """The phones of a user."""
        doing = "Listing the phones"
        answer = self._call("GET", _mfa(user_id, "mobile-phones"), doing)
        return [Phone.read(item) for item in root(answer, "RAX-AUTH:mobilePhones", list, doing)]

    def phone(self, user_id: str, phone_id: str) -> Phone:
        """One phone by its id."""
        doing = "Reading the phone"
        answer = self._call("GET", _mfa(user_id, "mobile-phones", phone_id), doing)
        return Phone.read(root(answer, "RAX-AUTH:mobilePhone", dict, doing))

    def add_phone(self, user_id: str, number: str) -> Phone:
        """Add a phone: it replaces another one; the same number again changes nothing, so it may be repeated."""
        doing = "Adding the phone"
        body = {"RAX-AUTH:mobilePhone": {"number": number}}
        answer = self._call("POST", _mfa(user_id, "mobile-phones"), doing, json=body, expect=(200, 201))
        return Phone.read(root(answer, "RAX-AUTH:mobilePhone", dict, doing))

    def send_phone_code(self, user_id: str, phone_id: str) -> None:
        """Have a code sent to a phone by SMS."""
        path = _mfa(user_id, "mobile-phones", phone_id, "verificationcode")
        self._call("POST", path, "Sending a code to the phone", expect=(200, 202, 204), repeat=Repeat.IF_NOT_DONE)

    def verify_phone(self, user_id: str, phone_id: str, code: str) -> Verification:
        """Send the code that a phone received."""
        return self._verify(_mfa(user_id, "mobile-phones", phone_id, "verify"), "Verifying the phone", code)

    def delete_phone(self, user_id: str, phone_id: str) -> None:
        """Delete a phone."""
        self._call("DELETE", _mfa(user_id, "mobile-phones", phone_id), "Deleting the phone", expect=(204, 404))

    # Settings, bypass codes, domains

    def change_settings(self, user_id: str, change: Mapping[str, Any], doing: str, *, renew: bool = True) -> None:
        """PUT one kind of setting.

        :param renew: False where a 401 may mean that the change was done, and took this token with it.
        """
        self._call("PUT", _mfa(user_id), doing, json={"RAX-AUTH:multiFactor": dict(change)}, expect=(204,), renew=renew)

    def remove_mfa(self, user_id: str) -> None:
        """Delete settings, phones and OTP devices."""
        self._call("DELETE", _mfa(user_id), "Removing multi-factor authentication", expect=(204,))

    def new_bypass_codes(self, user_id: str, count: int | None, validity: str | None) -> BypassCodes:
        """New bypass codes, which void all older ones: what counts is the last answer, so it may be repeated.

        :param validity: an ISO 8601 duration such as `PT30M`; None: the service's default.
        """
        doing = "Creating bypass codes"
        wish = {"numberOfCodes": None if count is None else str(count), "validityDuration": validity}
        body = {"RAX-AUTH:bypassCodes": {key: value for key, value in wish.items() if value is not None}}
        answer = self._call("POST", _mfa(user_id, "bypass-codes"), doing, json=body)
        data = root(answer, "RAX-AUTH:bypassCodes", dict, doing)
        codes = member(data, "codes")
        if not isinstance(codes, list):
            raise InvalidAnswer("The service's answer has no bypass codes. Create them again: new ones void the old.")
        return BypassCodes(tuple(str(code) for code in codes), text(member(data, "validityDuration")))

    def domain(self, domain_id: str) -> Domain:
        """A domain with its enforcement level."""
        doing = "Reading the domain"
        answer = self._call("GET", f"/v2.0/RAX-AUTH/domains/{_segment(domain_id)}", doing)
        return Domain.read(root(answer, "RAX-AUTH:domain", dict, doing))

    def change_domain(self, domain_id: str, level: str) -> None:
        """Set the enforcement level of a domain."""
        path = f"/v2.0/RAX-AUTH/domains/{_segment(domain_id)}/multi-factor"
        body = {"RAX-AUTH:multiFactorDomain": {"domainMultiFactorEnforcementLevel": level}}
        self._call("PUT", path, "Setting the domain's enforcement level", json=body, expect=(204,))

    def renew(self) -> bool:
        """Go on with the token of a new login; False where there was one before, or there is nothing to log in with."""
        if self._renew is None:
            return False
        log_in, self._renew = self._renew, None
        self.token = log_in()
        return True

    # The one way out

    def _verify(self, path: str, doing: str, code: str) -> Verification:
        body = {"RAX-AUTH:verificationCode": {"code": code}}
        answer = self._call("POST", path, doing, json=body, expect=(200, 204, 400), repeat=Repeat.IF_NOT_DONE)
        if answer.status != 400:
            return Verification.ACCEPTED
        told = fault(answer)
        if told.says("already been verified"):
            return Verification.ALREADY
        if told.says("provided pin", "invalid or expired"):
            return Verification.REFUSED
        raise refusal(answer, doing)

    def _call(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        expect: tuple[int, ...] = (200, 203, 204),
        repeat: Repeat = Repeat.SAFELY,
        renew: bool = True,
    ) -> Answer:
        def send() -> Answer:
            headers = {"X-Auth-Token": self.token}
            return self.transport.send(method, path, json=json, params=params, headers=headers, repeat=repeat)

        answer = send()
        # The service refuses a token before it does anything, so this is safe for every method.
        if answer.status == 401 and renew and self.renew():
            answer = send()
        if answer.status not in expect:
            raise refusal(answer, doing)
        return answer


def _segment(value: str) -> str:
    return quote(value, safe="")


def _mfa(user_id: str, *rest: str) -> str:
    """A path below a user's `multi-factor`."""
    return "/".join(["/v2.0/users", _segment(user_id), "RAX-AUTH/multi-factor", *map(_segment, rest)])
