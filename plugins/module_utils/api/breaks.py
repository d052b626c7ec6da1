# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an exception of the HTTP library to one of ours, with the cause in words. Private to the collection.

The library's own texts are never used: they hold paths and headers, and some of them hold a token.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator

from .connections import Exchange
from .errors import ConnectionFailed, LostAnswer, TlsFailed

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_OTHER_NAME = re.compile(r"doesn't match|[Hh]ostname mismatch|IP address mismatch")
_CHECK_CLOCK = "Renew it, and check this machine's clock."
_BY_VERIFY_CODE = {
    9: ("it is not valid yet", _CHECK_CLOCK),
    10: ("it has expired", _CHECK_CLOCK),
    62: ("it was issued for another host name", "Check O(auth_endpoint)."),
    64: ("it was issued for another host name", "Check O(auth_endpoint)."),
}
_UNKNOWN_AUTHORITY = (
    "its authority is unknown",
    "Pass the authority's certificate as O(ca_path), or check O(auth_endpoint) and the proxy.",
)
_BY_REASON = (
    (
        ("CERTIFICATE_REQUIRED",),
        "{endpoint} asks for a client certificate, and the collection has none to show.",
        "Check O(auth_endpoint): it is not the service's public address.",
    ),
    (
        ("HANDSHAKE_FAILURE",),
        "{endpoint} refused the TLS handshake: it asks for a client certificate, or for ciphers unknown here.",
        "Check O(auth_endpoint).",
    ),
    (
        ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION"),
        "{endpoint} speaks no version of TLS that is safe (1.2 or later).",
        "Check O(auth_endpoint) and the proxy.",
    ),
    (
        ("NO_CERTIFICATE_OR_CRL_FOUND", "PEM", "ASN1", "X509_LIB"),
        "The file of authorities for {endpoint} holds no certificate that can be read.",
        "Check O(ca_path), or REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE in the environment.",
    ),
)
_NO_TLS = (
    "{endpoint} does not speak TLS, or something else answers at that port.",
    "Check O(auth_endpoint) and the proxy: the port, and https:// or http:// at its beginning.",
)
_EOF = "UNEXPECTED_EOF"


def explain(failure: Exception, exchange: Exchange, endpoint: str, *, by_proxy: bool) -> ConnectionFailed | TlsFailed:
    """Return the exception that says what happened to a request."""
    causes = list(_causes(failure))
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if exchange.was_sent and not _is_refused_without_certificate(tls):
        return LostAnswer(
            f"The connection to {endpoint} broke, or no whole answer came in time. The request may have been carried "
            "out; run the task again to find out."
        )
    if isinstance(failure, ValueError) and not exchange.is_connecting:  # a URL, a host's name or a header
        return ConnectionFailed(
            f"A request to {endpoint} can't be written, and nothing was sent: O(auth_endpoint), the proxy's address or "
            "O(auth_token) holds a character, such as a line break, that has no place in it."
        )
    words = " ".join(str(cause) for cause in causes)
    if _OTHER_NAME.search(words) or (tls is not None and _EOF not in str(tls)):
        return _tls_failure(tls, words, endpoint)
    return ConnectionFailed(_no_connection(causes, words, endpoint, by_proxy=by_proxy))


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The exception and all that it was made of, each once: the library wraps some in arguments, some in attributes."""
    seen: set[int] = set()
    todo: list[object] = [failure]
    while todo:
        cause = todo.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            todo += [*cause.args, getattr(cause, "reason", None)]
            todo += [cause.__cause__, cause.__context__]


def _is_refused_without_certificate(tls: ssl.SSLError | None) -> bool:
    """With TLS 1.3 the refusal arrives after the request was sent; the server has not looked at it."""
    return tls is not None and "CERTIFICATE_REQUIRED" in (tls.reason or "")


def _tls_failure(tls: ssl.SSLError | None, words: str, endpoint: str) -> TlsFailed:
    if isinstance(tls, ssl.SSLCertVerificationError) or _OTHER_NAME.search(words):
        code = 62 if _OTHER_NAME.search(words) else getattr(tls, "verify_code", 0)
        why, what = _BY_VERIFY_CODE.get(code, _UNKNOWN_AUTHORITY)
        return TlsFailed(f"The certificate of {endpoint} could not be verified: {why}. Nothing was sent. {what}")
    reason = (tls.reason if tls else None) or ""
    for parts, said, what in _BY_REASON:
        if any(part in reason for part in parts):
            return TlsFailed(f"{said.format(endpoint=endpoint)} Nothing was carried out. {what}")
    said, what = _NO_TLS
    return TlsFailed(f"{said.format(endpoint=endpoint)} Nothing was sent. {what}")


def _no_connection(causes: list[BaseException], words: str, endpoint: str, *, by_proxy: bool) -> str:
    """What to say of a connection that was not made: the first cause that is known."""
    tunnel = _TUNNEL.search(words)
    if tunnel and tunnel[1] == "407":
        return (
            f"The proxy on the way to {endpoint} asks for a user name and a password (HTTP status 407): nothing was "
            "sent. Put them into the proxy's address in the environment (https_proxy)."
        )
    if tunnel:
        return (
            f"The proxy opens no connection to {endpoint} (HTTP status {tunnel[1]}): nothing was sent. Check "
            "O(auth_endpoint) and https_proxy, or name the host in no_proxy."
        )
    who, check = endpoint, "O(auth_endpoint) and the network"
    if by_proxy:
        who, check = f"the proxy on the way to {endpoint}", "https_proxy, http_proxy and no_proxy in the environment"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The host name of {who} does not resolve: nothing was sent. Check {check}."
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"The connection to {who} was refused: nothing was sent. Check {check}: nothing listens there now."
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return f"There was no answer in time from {who}: nothing was sent. Check {check}, and firewalls."
    return f"No connection to {who}: nothing was sent. Check {check}."
