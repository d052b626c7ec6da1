# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to an endpoint by what an environment says: its proxy and its authorities. Private to the collection.

The environment is data that is handed in: a task may have one of its own (`environment:`), and the process is shared.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from .errors import OptionError

_AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PORTS = {"http": 80, "https": 443}


def proxies(endpoint: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the proxy for an endpoint by the URL's scheme; nothing when it is reached directly.

    :raises OptionError: the proxy's address can't be used.
    """
    url = urlsplit(endpoint)
    address = _variable(environ, f"{url.scheme}_proxy") or _variable(environ, "all_proxy")
    if not address or _is_exempt(url, _variable(environ, "no_proxy")):
        return {}
    proxy = address if "://" in address else f"http://{address}"
    if not _is_usable(proxy):
        raise OptionError(  # the address may hold a password
            "The environment names a proxy (https_proxy, http_proxy or all_proxy) whose address can't be used: it must "
            "be http:// or https:// with a host. Correct it, or name the service's host in no_proxy."
        )
    return {url.scheme: proxy}


def authorities(environ: Mapping[str, str]) -> bool | str:
    """Return the file or folder of authorities to trust, for a service whose certificate is verified.

    It is what the environment names, else what the system has; True stands for those that `requests` brings.

    :raises OptionError: what the environment names does not exist.
    """
    for name in _AUTHORITIES:
        path = environ.get(name)
        if path:
            if not _exists(path):
                raise OptionError(f"The environment variable {name} names {path!r}, which does not exist.")
            return path
    system = ssl.get_default_verify_paths()
    for path in (system.openssl_cafile, system.openssl_capath):
        if path and _has_content(Path(path)):
            return path
    return True


def _variable(environ: Mapping[str, str], name: str) -> str:
    """A variable in either case; the lower case counts more, as in other programs."""
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _is_usable(proxy: str) -> bool:
    try:
        url = urlsplit(proxy)
        return url.scheme.lower() in _PORTS and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # no file can have such a name, or it may not be looked at
        return False


def _has_content(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and next(path.iterdir(), None) is not None)


def _is_exempt(url: SplitResult, no_proxy: str) -> bool:
    """Does the list exempt the host? Entries are names with all below them, addresses and ranges, or `*`."""
    host = (url.hostname or "").rstrip(".")
    port = url.port or _PORTS.get(url.scheme)
    return any(_matches(entry.lower(), host, port) for entry in no_proxy.replace(",", " ").split())


def _matches(entry: str, host: str, port: int | None) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return _is_in_range(host, entry)
    if entry.count(":") == 1 or "]:" in entry:
        entry, _colon, wanted = entry.rpartition(":")
        if wanted != str(port):
            return False
    name = entry.strip("[]").removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _is_in_range(host: str, entry: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        return False
