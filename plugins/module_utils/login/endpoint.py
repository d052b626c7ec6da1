# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the service is: one spelling for one place, so that one account has one record. Private to the collection."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from ..api.errors import OptionError

ENDPOINTS = {
    "us": "https://identity.api.rackspacecloud.com",
    "uk": "https://lon.identity.api.rackspacecloud.com",
}
_PORTS = {"http": 80, "https": 443}
_WHAT_IT_IS = (
    "must be us, uk, or a URL that begins with https:// (http:// for an emulator on this machine) and holds no blank, "
    "no user name, no password and no query."
)


def normalized(value: str, *, allow_http: bool, source: str = "O(auth_endpoint)") -> str:
    """Return the URL of the service without `/v2.0`, whatever the spelling.

    :param allow_http: also for another machine, whose answers and secrets anyone on the way can read.
    :param source: where the value comes from, for messages.
    :raises OptionError: it is no such URL.
    """
    text = value.strip()
    try:
        url = urlsplit(ENDPOINTS.get(text.casefold(), text))
        host, port = (url.hostname or "").rstrip("."), url.port
    except ValueError:
        raise OptionError(f"{source} {_WHAT_IT_IS}") from None
    if not _is_usable(url, host) or not text.isprintable() or " " in text:
        raise OptionError(f"{source} {_WHAT_IT_IS}")
    if url.scheme == "http" and not allow_http and not is_this_machine(host):
        raise OptionError(
            f"{source} begins with http:// and is not on this machine: the password would be sent in clear. Use "
            "https://. On a test network of your own, the modules take allow_http: true; the role mfa_otp does not."
        )
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[url.scheme]:
        place = f"{place}:{port}"
    path = url.path.rstrip("/").removesuffix("/v2.0").rstrip("/")
    return f"{url.scheme}://{place}{path}"


def is_same_place(value: str, endpoint: str) -> bool:
    """Is that the endpoint, which is normalized, in any spelling?"""
    if value == endpoint:
        return True
    try:
        return normalized(value, allow_http=True) == endpoint
    except OptionError:
        return False


def _is_usable(url: SplitResult, host: str) -> bool:
    return url.scheme in _PORTS and bool(host) and "@" not in url.netloc and not (url.query or url.fragment)


def is_this_machine(host: str) -> bool:
    """Does nobody else hear what is sent to this host?"""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    from ipaddress import ip_address  # a name is rarely one

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
