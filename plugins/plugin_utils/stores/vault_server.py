# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of HashiCorp Vault or OpenBao, by hvac: the way to it, the login, and its refusals in our words.

Private to the collection.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from ...module_utils.api.errors import OptionError
from ...module_utils.api.route import proxies
from ...module_utils.login.endpoint import is_this_machine
from .options import StoreOptions

_HEADER = re.compile("[!-~][ -~]*")
"""What can be sent in a header of HTTP."""
_TIMEOUT = 30
_USES = 50
"""A rotation takes nearly 20. A token that is used up before what the task made is stored costs a device or a code."""


class VaultServer:
    """One server, as the options and the environment of the task describe it. Nothing is sent before it is used."""

    def __init__(self, options: StoreOptions, environ: Mapping[str, str]) -> None:
        self._options = options
        self._environ = environ
        self.url = options.text("url", environ.get("VAULT_ADDR")).rstrip("/")
        _check_url(self.url)
        self._auth = options.text("auth", "token")
        if self._auth not in ("token", "approle"):
            raise OptionError("store.auth must be token or approle.")
        needed = {"token": ("token",), "approle": ("role_id", "secret_id")}[self._auth]
        self._credentials = {name: options.text(name, environ.get(f"VAULT_{name.upper()}")) for name in needed}
        self._namespace = options.optional_text("namespace") or environ.get("VAULT_NAMESPACE") or None
        _check_header("token", self._credentials.get("token"))
        _check_header("namespace", self._namespace)

    @functools.cached_property
    def library(self) -> SimpleNamespace:
        """Return `hvac`, its `errors` and `requests`.

        :raises OptionError: hvac is missing.
        """
        try:
            return SimpleNamespace(
                hvac=importlib.import_module("hvac"),
                errors=importlib.import_module("hvac.exceptions"),
                requests=importlib.import_module("requests"),
            )
        except ImportError:
            raise OptionError(
                "store.type: hashi_vault needs the Python library hvac, which is missing. Run: "
                f"{sys.executable} -m pip install hvac"
            ) from None

    @functools.cached_property
    def client(self) -> Any:
        """Return a client of hvac that is logged in."""
        session = self.library.requests.Session()
        session.trust_env = False  # what counts is the environment of the task, not that of this process
        session.hooks["response"].append(self._refuse_redirect)
        client = self.library.hvac.Client(
            url=self.url,
            token=self._credentials.get("token", ""),
            verify=self._authority,
            timeout=_TIMEOUT,
            proxies=dict(proxies(self.url, self._environ)),
            allow_redirects=False,  # they would take the token to wherever they lead
            session=session,
            namespace=self._namespace,
        )
        if self._auth == "approle":
            self._log_in(client)
        return client

    def _log_in(self, client: Any) -> None:
        errors = self.library.errors
        with self.refusals(f"log in at {self.url}"):
            try:
                uses = client.auth.approle.login(**self._credentials)["auth"].get("num_uses") or 0
            except (errors.InvalidRequest, errors.Unauthorized, errors.Forbidden):
                raise OptionError(
                    f"store.auth: {self.url} refused the login. Check store.namespace, that AppRole is enabled there, "
                    "role_id and secret_id, and that the secret id may be used more than once (secret_id_num_uses), "
                    "since each task logs in."
                ) from None
            if 0 < uses < _USES:
                raise OptionError(
                    f"store.auth: the token of a login at {self.url} can be used {uses} times, which may be too few "
                    f"for a task. Set token_num_uses of the AppRole to 0, or to at least {_USES}."
                )

    @property
    def _authority(self) -> str | bool:
        names = ("VAULT_CACERT", "REQUESTS_CA_BUNDLE")
        given = (self._options.optional_text("ca_path"), *(self._environ.get(name) for name in names))
        return next((path for path in given if path), True)

    def _refuse_redirect(self, response: Any, **_unused: Any) -> None:
        if response.is_redirect:  # hvac takes it for a success
            raise self.library.requests.exceptions.TooManyRedirects

    @contextlib.contextmanager
    def refusals(self, doing: str) -> Iterator[None]:
        """Put what the server or the way to it refuses into our words: theirs may quote what was sent."""
        try:
            yield
        except OptionError:
            raise
        except (self.library.errors.VaultError, self.library.requests.RequestException, OSError) as error:
            raise OptionError(f"store.url: cannot {doing}: {self._reason(error)}") from None
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError):
            raise OptionError(
                f"store.url: cannot {doing}: the answer is not one of a KV engine of version 2."
            ) from None

    def _reason(self, error: Exception) -> str:
        errors, broken = self.library.errors, self.library.requests.exceptions
        reasons: dict[type[Exception], str] = {
            errors.InvalidRequest: "the server refused the request. Check store.mount and store.path.",
            errors.Unauthorized: "the token was refused, by the server or a proxy in front of it. Check both.",
            errors.Forbidden: (
                "permission denied. Check store.mount, the policy of the login for this path, and whether its token "
                "has expired or was used up."
            ),
            errors.InvalidPath: "the server has no such address. Check store.namespace, store.mount and store.auth.",
            errors.RateLimitExceeded: "the server has a rate limit. Run this again later, or raise the limit.",
            errors.VaultDown: "the server is sealed or down.",
            errors.VaultError: (
                "the server or a proxy in front of it has an error. Run this again. When it stays so, look at the "
                "server's log, and whether store.url is its active node."
            ),
            broken.TooManyRedirects: (
                "the answer is a redirect, which is not followed: it would take the token along. Set store.url to the "
                "active node, or to the address that it leads to."
            ),
            broken.SSLError: (
                "TLS failed: its certificate cannot be verified, or it does not speak TLS. Check store.ca_path."
            ),
            broken.Timeout: f"no answer within {_TIMEOUT} s.",
            broken.RequestException: "there is no connection, or it broke. Check store.url and the proxy.",
            OSError: "a file that TLS needs cannot be read. Check store.ca_path.",
        }
        return next(words for kind, words in reasons.items() if isinstance(error, kind))


def _check_header(key: str, value: str | None) -> None:
    if value and not _HEADER.fullmatch(value):
        raise OptionError(
            f"store.{key} (or VAULT_{key.upper()}) has a character that no {key} has: one that is not ASCII, a line "
            "break, or a blank at its front. Was it copied with something around it?"
        )


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    extra = parts.username or parts.password or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not host or extra or port == 0:
        raise OptionError("store.url must be the URL of the server, such as https://vault.example.com:8200.")
    if parts.scheme == "http" and not is_this_machine(host):
        raise OptionError("store.url: http:// would send the secret unencrypted; use https://.")
