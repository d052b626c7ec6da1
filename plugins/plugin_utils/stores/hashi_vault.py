# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `hashi_vault`: a KV engine of version 2 in HashiCorp Vault or OpenBao, by hvac. Private to the collection.

Each write names the version that it replaces (check-and-set), so the server refuses the slower of two.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import ipaddress
import sys
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from ...module_utils.api.errors import OptionError
from ...module_utils.api.route import proxies
from ...module_utils.login.entry_shape import checked_entry
from ...module_utils.login.stored import Entry, StoreChanged
from ..plain import plain, same
from .options import StoreOptions
from .vault_file import changed_meanwhile

_TIMEOUT = 30
_SENT = ("create", "update")
"""What a token must be able to do, to save."""


class HashiVaultStore:
    """One path of one KV engine."""

    def __init__(self, options: StoreOptions, environ: Mapping[str, str]) -> None:
        self._options = options
        self._environ = environ
        self._url = options.text("url", environ.get("VAULT_ADDR")).rstrip("/")
        _check_url(self._url)
        self._mount = options.text("mount", "secret").strip("/")
        self._path = options.text("path").strip("/")
        if any(part in ("", ".", "..") for part in (*self._path.split("/"), *self._mount.split("/"))):
            raise OptionError("store.path and store.mount must be paths in the KV engine, such as rackspace/ada.")
        self._auth = options.text("auth", "token")
        if self._auth not in ("token", "approle"):
            raise OptionError("store.auth must be token or approle.")
        needed = {"token": ("token",), "approle": ("role_id", "secret_id")}[self._auth]
        self._credentials = {name: options.text(name, environ.get(f"VAULT_{name.upper()}")) for name in needed}
        self.place = f"{self._mount}/{self._path} at {self._url}"

    def check(self) -> None:
        """Make sure that the engine is of version 2, and that the token can read and write the path."""
        with self._refusals("look at the engine of"):
            mount = self._unless_forbidden(self._client.adapter.get, url=f"/v1/sys/internal/ui/mounts/{self._mount}")
            is_kv_2 = not mount or (mount["data"]["type"], mount["data"]["options"]["version"]) == ("kv", "2")
        if not is_kv_2:
            raise OptionError(self._wrong_mount())
        self._read()
        with self._refusals("look at the rights for"):
            answer = self._unless_forbidden(
                self._client.sys.get_capabilities, paths=[f"{self._mount}/data/{self._path}"]
            )
            capabilities = answer["capabilities"] if answer else ["root"]
        if "root" not in capabilities and not all(needed in capabilities for needed in _SENT):
            raise OptionError(
                f"store.path: the login has no right to write {self.place}. Its policy needs create and update for "
                f"{self._mount}/data/{self._path}."
            )

    def _wrong_mount(self) -> str:
        return f"store.mount: {self._mount} at {self._url} is not a KV engine of version 2."

    def load(self) -> dict[str, Any] | None:
        """Return the newest version; None when there is none, or it is deleted or empty."""
        return checked_entry(self._read()[0], self.place)

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Write a version, if the newest one is `instead_of` and stays it until then."""
        wanted = plain(entry)
        version = self._version_of(instead_of)
        try:
            self._write(wanted, version)
        except OptionError:
            # The answer may have been lost after the work was done.
            if not same(self._read(), (wanted, version + 1)):
                raise

    def remove(self, instead_of: Entry) -> None:
        """Write an empty version in its place, and delete that one: a deletion alone cannot be compared.

        The older versions are left to the engine's own `max_versions`.
        """
        version = self._version_of(instead_of)
        if version:
            self._write({}, version)
            with contextlib.suppress(OptionError), self._refusals("delete"):
                self._unless_forbidden(self._kv.delete_secret_versions, versions=[version + 1], **self._address)

    def _version_of(self, instead_of: Entry | None) -> int:
        value, version = self._read()
        if not same(value or None, plain(instead_of) or None):
            raise StoreChanged(changed_meanwhile(self.place))
        return version

    def _read(self) -> tuple[Any, int]:
        """Return the newest version and its number; None and 0 when there never was one."""
        with self._refusals("read"):
            try:
                answer = self._kv.read_secret_version(raise_on_deleted_version=False, **self._address)
            except self._library.errors.InvalidPath as error:
                # Only the engine's own answer says that nothing is there: a proxy may answer 404, too.
                answer = error.json or {}
                if answer.get("errors"):
                    raise OptionError(self._wrong_mount()) from None
                if "errors" in answer:
                    return None, 0
            data = answer["data"]  # also of a version that was destroyed
            return plain(data["data"]), int(data["metadata"]["version"])

    def _write(self, value: dict[str, Any], version: int) -> None:
        with self._refusals("write"):
            try:
                answer = self._kv.create_or_update_secret(secret=value, cas=version, **self._address)
                if int(answer["data"]["version"]) != version + 1:
                    raise ValueError("not the answer to this write")
            except self._library.errors.InvalidRequest as error:
                if "did not match" in str(error):
                    raise StoreChanged(changed_meanwhile(self.place)) from None
                raise

    def _unless_forbidden(self, call: Any, **arguments: Any) -> Any:
        try:
            return call(**arguments)
        except self._library.errors.Forbidden:
            return None

    @property
    def _address(self) -> dict[str, str]:
        return {"path": self._path, "mount_point": self._mount}

    @property
    def _kv(self) -> Any:
        return self._client.secrets.kv.v2

    @functools.cached_property
    def _library(self) -> SimpleNamespace:
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
    def _client(self) -> Any:
        session = self._library.requests.Session()
        session.trust_env = False  # what counts is the environment of the task, not that of this process
        client = self._library.hvac.Client(
            url=self._url,
            token=self._credentials.get("token", ""),
            verify=self._authority,
            timeout=_TIMEOUT,
            proxies=dict(proxies(self._url, self._environ)),
            allow_redirects=False,  # they would take the token to wherever they lead
            session=session,
            namespace=self._options.optional_text("namespace") or self._environ.get("VAULT_NAMESPACE") or None,
        )
        if self._auth == "approle":
            with self._refusals("log in for"):
                client.auth.approle.login(**self._credentials)
        return client

    @property
    def _authority(self) -> str | bool:
        names = ("VAULT_CACERT", "REQUESTS_CA_BUNDLE")
        given = (self._options.optional_text("ca_path"), *(self._environ.get(name) for name in names))
        return next((path for path in given if path), True)

    @contextlib.contextmanager
    def _refusals(self, doing: str) -> Iterator[None]:
        """Put what the server or the way to it refuses into our words: theirs may quote what was sent."""
        try:
            yield
        except (self._library.errors.VaultError, self._library.requests.RequestException, OSError) as error:
            raise OptionError(f"store.url: cannot {doing} {self.place}: {self._reason(error)}") from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, OptionError):
                raise
            raise OptionError(
                f"store.url: cannot {doing} {self.place}: the answer is not one of a KV engine of version 2."
            ) from None

    def _reason(self, error: Exception) -> str:
        errors, requests = self._library.errors, self._library.requests
        reasons: tuple[tuple[type[Exception], str], ...] = (
            (errors.Unauthorized, "the login was refused. Check the token, or the role."),
            (errors.Forbidden, "permission denied. Check the token and its policy for this path, and store.mount."),
            (errors.VaultDown, "the server is sealed or down."),
            (
                requests.exceptions.SSLError,
                "TLS failed: its certificate cannot be verified, or it does not speak TLS. Check store.ca_path.",
            ),
            (requests.exceptions.Timeout, f"no answer within {_TIMEOUT} s."),
            (requests.RequestException, "there is no connection, or it broke. Check store.url and the proxy."),
            (OSError, "a file that TLS needs cannot be read. Check store.ca_path."),
        )
        return next(
            (words for kind, words in reasons if isinstance(error, kind)),
            f"the server refused it ({type(error).__name__}).",
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
    if parts.scheme == "http" and not _is_loopback(host):
        raise OptionError("store.url: http:// would send the secret unencrypted; use https://.")


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
