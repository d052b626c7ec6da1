# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One method for each operation of the service that needs a token, plain data in and out. Private to the collection.

Knows requests and answers (contract, "Operations"), and no wish, no plan and no module.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

from . import texts
from .calls import LONG, Calls, doubted, mfa_path, same, segment
from .errors import Forbidden, InvalidAnswer, LostAnswer, NotFound, TokenRefused, Unavailable
from .faults import refusal
from .links import next_query
from .model import Access, BypassCodes, Device, Domain, Phone, User
from .transport import Repeat
from .wire import fault, items, member, root, text

_MOST_PAGES = 10_000
_MOST_USERS = 100_000
_LONGEST_QUERY = 2048
_LONGEST_URI = 8192
_TOKEN, _DOMAIN = "such token", "such domain"
_DEVICE, _PHONE = "such OTP device of that user", "such phone of that user"
"""What there is not when nothing is found."""
_Listed = TypeVar("_Listed", Device, Phone)


class Verification(enum.Enum):
    """What the service says to a code for a device or a phone."""

    ACCEPTED = "the code was right"
    REFUSED = "the code was wrong or too old"
    ALREADY = "it was verified before"


class _ListChanged(Unavailable):
    """The user that a page begins after was deleted while the pages were read (contract, "Operations")."""


class Client(Calls):
    """The service, as seen with one token."""

    # Tokens and users

    def validate_token(self, token: str) -> Access:
        """Who a token belongs to. No new login is made for it: the path names the old token."""
        doing = "Validating the token"
        answer = self._call("GET", f"/v2.0/tokens/{_quoted(token)}", doing, renew=False, missing=_TOKEN)
        return Access.read(root(answer, "access", dict, doing), token)

    def revoke_token(self, token: str) -> None:
        """Make a token worthless, and look that it is."""
        self._call("DELETE", f"/v2.0/tokens/{_quoted(token)}", "Revoking the token", missing=_TOKEN)
        try:
            self.validate_token(token)
        except (TokenRefused, NotFound, Forbidden):
            return
        raise Unavailable("Revoking the token was answered as done, and it is still valid. Run it again later.")

    def user(self, user_id: str, *, renew: bool = True) -> User:
        """One user by its id. Without `renew` a 401 flies."""
        doing = "Reading the user"
        user = User.read(self._read(f"/v2.0/users/{segment(user_id)}", "user", dict, doing, renew=renew))
        return same(user, user_id, user.id, "user")

    def user_by_name(self, name: str) -> User:
        """One user by its name, which the service matches without regard to case."""
        doing = f"Looking up the user {texts.name(name)} (O(target_user))"
        missing = "user of that name that this account can see"
        user = User.read(self._read("/v2.0/users", "user", dict, doing, params={"name": name}, missing=missing))
        return same(user, name.casefold(), user.name.casefold(), "user")

    def users(self) -> list[User]:
        """The users that the token may see, each once. A list that changes while it is read is read again, once.

        :raises Unavailable: it changed again.
        """
        try:
            return self._users()
        except _ListChanged:
            return self._users()

    def _users(self) -> list[User]:
        """Page by page; a page may be short or empty and still have a next."""
        found: dict[str, User] = {}
        query, seen = "", {""}
        while len(seen) <= _MOST_PAGES and len(found) <= _MOST_USERS:
            page, following = self._page_of_users(query)
            found.update((user.id, user) for user in map(User.read, page))
            if following is None:
                return list(found.values())
            query = following
            if query in seen or len(query) > _LONGEST_QUERY:
                raise InvalidAnswer("The list of users leads back to a page that was read before, or to none.")
            seen.add(query)
        raise InvalidAnswer(
            f"The list of users is longer than is read: {len(seen) - 1} pages hold {len(found)} users, and more follow."
        )

    def _page_of_users(self, query: str) -> tuple[list[Any], str | None]:
        """A page, and the query of the next one. A success without a list is doubted once."""
        doing = "Listing the users"

        def ask() -> tuple[list[Any], str | None]:
            answer = self._call("GET", "/v2.0/users", doing, params=dict(parse_qsl(query)), most_bytes=LONG)
            return root(answer, "users", list, doing), next_query(answer.headers.get("Link", ""))

        try:
            return doubted(self.transport, ask)
        except NotFound as error:
            if not query:
                raise
            raise _ListChanged(
                f"{doing} failed twice, since users were deleted while the list was read. Run it again.",
                status=error.status,
                service_message=error.service_message,
            ) from None

    # OTP devices

    def otp_devices(self, user_id: str) -> list[Device]:
        """The OTP devices of a user, in no defined order."""
        doing = "Listing the OTP devices"
        found = self._read(mfa_path(user_id, "otp-devices"), "RAX-AUTH:otpDevices", list, doing, most_bytes=LONG)
        return _each_once(map(Device.read, found))

    def otp_device(self, user_id: str, device_id: str) -> Device:
        """One OTP device by its id."""
        doing = "Reading the OTP device"
        path = mfa_path(user_id, "otp-devices", device_id)
        device = Device.read(self._read(path, "RAX-AUTH:otpDevice", dict, doing, missing=_DEVICE))
        return same(device, device_id, device.id, "OTP device")

    def add_otp_device(self, user_id: str, name: str) -> tuple[Device, str, str]:
        """Add a device; returns it with its key URI and its QR code, which no other answer ever holds.

        Raises LostAnswer, or Unavailable for a 5xx: in both cases the device may be there.
        """
        doing = "Adding an OTP device"
        body = {"RAX-AUTH:otpDevice": {"name": name}}
        path = mfa_path(user_id, "otp-devices")
        answer = self._call("POST", path, doing, json=body, repeat=Repeat.IF_NOT_DONE, fresh=True)
        data = root(answer, "RAX-AUTH:otpDevice", dict, doing)
        device = Device.read(data)._replace(verified=False)  # whatever is said: nobody has sent a code for it
        return device, _key_uri(text(member(data, "keyUri"))), _qrcode(text(member(data, "qrcode")))

    def verify_otp_device(self, user_id: str, device_id: str, code: str) -> Verification:
        """Send one code for a device. Wrong ones do not lock."""
        path = mfa_path(user_id, "otp-devices", device_id, "verify")
        return self._verify(path, "Verifying the OTP device", code, _DEVICE)

    def delete_otp_device(self, user_id: str, device_id: str) -> None:
        """Delete a device."""
        path = mfa_path(user_id, "otp-devices", device_id)
        self._delete(path, "RAX-AUTH:otpDevice", "Deleting the OTP device")

    def devices(self, user_id: str) -> tuple[list[Device], list[Phone]]:
        """The OTP devices and the phones of a user. One request if the service has it (observed), else two."""
        doing = "Listing the devices"

        def ask() -> Any:
            answer = self._call("GET", mfa_path(user_id, "devices"), doing, also=(404, 405), most_bytes=LONG)
            return None if answer.status in (404, 405) else root(answer, "RAX-AUTH:multiFactorDevices", dict, doing)

        data = doubted(self.transport, ask)
        if data is None:
            return self.otp_devices(user_id), self.phones(user_id)
        devices, phones = items(data, "otpDevices"), items(data, "mobilePhones")
        return _each_once(map(Device.read, devices)), _each_once(map(Phone.read, phones))

    def all_devices(self, user_id: str) -> tuple[list[Device], list[Phone]]:
        """The same. Without OTP devices it looks again: an empty list is no proof (contract, "OTP devices")."""
        devices, phones = self.devices(user_id)
        return (devices, phones) if devices else self.devices(user_id)

    # Phones

    def phones(self, user_id: str) -> list[Phone]:
        """The phones of a user."""
        doing = "Listing the phones"
        found = self._read(mfa_path(user_id, "mobile-phones"), "RAX-AUTH:mobilePhones", list, doing, most_bytes=LONG)
        return _each_once(map(Phone.read, found))

    def phone(self, user_id: str, phone_id: str) -> Phone:
        """One phone by its id."""
        doing = "Reading the phone"
        path = mfa_path(user_id, "mobile-phones", phone_id)
        phone = Phone.read(self._read(path, "RAX-AUTH:mobilePhone", dict, doing, missing=_PHONE))
        return same(phone, phone_id, phone.id, "phone")

    def add_phone(self, user_id: str, number: str) -> Phone:
        """Add a phone: it replaces another one; the same number again changes nothing, so it may be repeated."""
        doing = "Adding the phone"
        body = {"RAX-AUTH:mobilePhone": {"number": number}}
        answer = self._call("POST", mfa_path(user_id, "mobile-phones"), doing, json=body)
        return Phone.read(root(answer, "RAX-AUTH:mobilePhone", dict, doing))

    def send_phone_code(self, user_id: str, phone_id: str) -> None:
        """Have a code sent to a phone by SMS."""
        path = mfa_path(user_id, "mobile-phones", phone_id, "verificationcode")
        self._call("POST", path, "Sending a code to the phone", repeat=Repeat.IF_NOT_DONE, missing=_PHONE)

    def verify_phone(self, user_id: str, phone_id: str, code: str) -> Verification:
        """Send the code that a phone received."""
        path = mfa_path(user_id, "mobile-phones", phone_id, "verify")
        return self._verify(path, "Verifying the phone", code, _PHONE)

    def delete_phone(self, user_id: str, phone_id: str) -> None:
        """Delete a phone."""
        path = mfa_path(user_id, "mobile-phones", phone_id)
        self._delete(path, "RAX-AUTH:mobilePhone", "Deleting the phone")

    # Settings, bypass codes, domains

    def change_settings(self, user_id: str, change: Mapping[str, Any], doing: str, *, renew: bool = True) -> bool:
        """PUT one kind of setting; tell whether the answer proves that it was done (`_put`).

        :param renew: False if a 401 may mean that the change was done, and took this token with it.
        """
        return self._put(mfa_path(user_id), {"RAX-AUTH:multiFactor": dict(change)}, doing, renew=renew)

    def remove_mfa(self, user_id: str) -> None:
        """Delete settings, phones and OTP devices, and look that no device is left: twice if the answer is no 204."""
        doing = "Removing multi-factor authentication"
        answer = self._call("DELETE", mfa_path(user_id), doing)
        if any(self.devices(user_id) if answer.status == 204 else self.all_devices(user_id)):
            raise Unavailable(f"{doing} was answered as done, and there are still devices. Run it again later.")

    def new_bypass_codes(self, user_id: str, count: int | None, validity: str | None) -> BypassCodes:
        """New bypass codes, which void all older ones: what counts is the last answer, so it may be repeated.

        :param validity: an ISO 8601 duration such as `PT30M`; None: the service's default.
        """
        doing = "Creating bypass codes"
        wish = {"numberOfCodes": None if count is None else str(count), "validityDuration": validity}
        body = {"RAX-AUTH:bypassCodes": {key: value for key, value in wish.items() if value is not None}}
        path = mfa_path(user_id, "bypass-codes")
        return BypassCodes.read(self._read(path, "RAX-AUTH:bypassCodes", dict, doing, method="POST", json=body))

    def domain(self, domain_id: str) -> Domain:
        """A domain with its enforcement level."""
        doing = "Reading the domain"
        path = f"/v2.0/RAX-AUTH/domains/{segment(domain_id)}"
        domain = Domain.read(self._read(path, "RAX-AUTH:domain", dict, doing, missing=_DOMAIN))
        return same(domain, domain_id, domain.id, "domain")

    def change_domain(self, domain_id: str, level: str) -> bool:
        """Set the enforcement level of a domain; tell whether the answer proves that it was done (`_put`)."""
        path = f"/v2.0/RAX-AUTH/domains/{segment(domain_id)}/multi-factor"
        body = {"RAX-AUTH:multiFactorDomain": {"domainMultiFactorEnforcementLevel": level}}
        return self._put(path, body, "Setting the domain's enforcement level", missing=_DOMAIN)

    def _verify(self, path: str, doing: str, code: str, missing: str) -> Verification:
        """Send one code.

        :raises LostAnswer: the answer is another success than the service's own (204), such as that of a gateway. What
            it would cost to believe it: with a device that is not verified every passcode is refused, and counts.
        """
        self.codes.append(code)
        body = {"RAX-AUTH:verificationCode": {"code": code}}
        answer = self._call("POST", path, doing, json=body, also=(400,), repeat=Repeat.IF_NOT_DONE, missing=missing)
        if answer.status != 400:
            if answer.status != 204:
                raise LostAnswer(
                    f"{doing} was answered with HTTP status {answer.status}, which does not say that it was done."
                )
            return Verification.ACCEPTED
        told = fault(answer)
        if told.says("already been verified"):
            return Verification.ALREADY
        if told.says("provided pin", "invalid or expired"):
            return Verification.REFUSED
        raise refusal(answer, doing)


def _each_once(found: Iterable[_Listed]) -> list[_Listed]:
    """What a list holds; one that stands there twice is still one."""
    return list({item.id: item for item in found}.values())


def _quoted(token: str) -> str:
    """A token as a part of a path. What can't be encoded is refused if the token stands in a header."""
    return quote(token, safe="", errors="replace")


def _key_uri(value: str | None) -> str:
    if not value or len(value) > _LONGEST_URI or not value.isprintable():
        raise InvalidAnswer("The service's answer has no key URI of the new OTP device, or one that can't be read.")
    return value


def _qrcode(value: str | None) -> str:
    """A picture as a URL, or nothing: it is for showing alone, and the key URI says the same."""
    return value if value and value.startswith("data:image/") and value.isascii() and value.isprintable() else ""
