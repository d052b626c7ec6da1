# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which handler serves which call: the operation table of the contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from . import auth, bypass, domain, otp_devices, phones, settings, tokens, users
from .call import Call
from .wire import Answer, Refusal

Handler = Callable[[Call], Answer]
_MFA = "/v2.0/users/{user}/RAX-AUTH/multi-factor"
_OTP = f"{_MFA}/otp-devices"
_PHONES = f"{_MFA}/mobile-phones"
_DOMAIN = "/v2.0/RAX-AUTH/domains/{domain}"


@dataclass(frozen=True)
class Route:
    """A method, a path with `{names}` for single segments, and who serves it."""

    method: str
    template: str
    handler: Handler

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The template as a regular expression for whole raw paths."""
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.template)))


ROUTES = (
    Route("POST", "/v2.0/tokens", auth.authenticate),
    Route("GET", "/v2.0/tokens/{token}", tokens.validate),
    Route("DELETE", "/v2.0/tokens/{token}", tokens.revoke),
    Route("GET", "/v2.0/users", users.list_users),
    Route("GET", "/v2.0/users/{user}", users.get_user),
    Route("POST", _OTP, otp_devices.create),
    Route("GET", _OTP, otp_devices.list_devices),
    Route("GET", f"{_OTP}/{{device}}", otp_devices.get_device),
    Route("POST", f"{_OTP}/{{device}}/verify", otp_devices.verify),
    Route("DELETE", f"{_OTP}/{{device}}", otp_devices.delete),
    Route("GET", f"{_MFA}/devices", settings.all_devices),
    Route("GET", _PHONES, phones.list_phones),
    Route("POST", _PHONES, phones.create),
    Route("GET", f"{_PHONES}/{{phone}}", phones.get_phone),
    Route("DELETE", f"{_PHONES}/{{phone}}", phones.delete),
    Route("POST", f"{_PHONES}/{{phone}}/verificationcode", phones.send_code),
    Route("POST", f"{_PHONES}/{{phone}}/verify", phones.verify),
    Route("PUT", _MFA, settings.change),
    Route("DELETE", _MFA, settings.remove),
    Route("POST", f"{_MFA}/bypass-codes", bypass.create),
    Route("GET", _DOMAIN, domain.get_domain),
    Route("PUT", f"{_DOMAIN}/multi-factor", domain.change),
)


def resolve(method: str, raw_path: str) -> tuple[Route, dict[str, str]]:
    """The route of a request and the parameters in its path; 404 and 405 if there is none."""
    found = {route.method: (route, match) for route in ROUTES if (match := route.pattern.fullmatch(raw_path))}
    if method in found:
        route, match = found[method]
        return route, {name: unquote(value) for name, value in match.groupdict().items()}
    if not found:
        raise Refusal(404, "Resource not found")
    refusal = Refusal(405, "Method not allowed")
    refusal.headers.append(("Allow", ", ".join(sorted(found))))
    raise refusal
