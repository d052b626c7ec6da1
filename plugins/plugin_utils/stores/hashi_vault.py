# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `hashi_vault`: a KV engine of version 2 in HashiCorp Vault or OpenBao. Private to the collection.

Each write names the version that it replaces (check-and-set), so the server refuses the slower of two.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...module_utils.api.errors import OptionError
from ...module_utils.login.entry_shape import Entry, checked_entry
from ...module_utils.login.stored import StoreChanged
from ..plain import plain, same
from .options import StoreOptions
from .vault_server import VaultServer

_SENT = ("create", "update")
"""What a token must be able to do, to save."""


class Version(NamedTuple):
    """A version of the path: its value and number, and when the engine deletes it by itself, if it does."""

    value: Any
    number: int
    ends: str = ""


def _is_kv_2(mount: dict[str, Any]) -> bool:
    return mount["type"] == "kv" and (mount["options"] or {}).get("version") == "2"


class HashiVaultStore:
    """One path of one KV engine."""

    def __init__(self, options: StoreOptions, environ: Mapping[str, str]) -> None:
        self._server = VaultServer(options, environ)
        self._mount = options.text("mount", "secret").strip("/")
        self._path = options.text("path").strip("/")
        if any(part in ("", ".", "..") for part in (*self._path.split("/"), *self._mount.split("/"))):
            raise OptionError("store.path and store.mount must be paths in the KV engine, such as rackspace/ada.")
        self.place = f"{self._mount}/{self._path} at {self._server.url}"

    def check(self) -> None:
        """Make sure that the engine is of version 2 and keeps what it gets, and that the token can read and write."""
        with self._refusals("look at the engine of"):
            mount = self._unless_forbidden(
                self._server.client.adapter.get, url=f"/v1/sys/internal/ui/mounts/{self._mount}"
            )
            is_kv_2 = not mount or _is_kv_2(mount["data"])
        if not is_kv_2:
            raise self._wrong_mount()
        self._refuse_end(self._read())
        with self._refusals("look at the rights for"):
            answer = self._unless_forbidden(
                self._server.client.sys.get_capabilities, paths=[f"{self._mount}/data/{self._path}"]
            )
            capabilities = answer["capabilities"] if answer else ["root"]
        if "root" not in capabilities and not all(needed in capabilities for needed in _SENT):
            raise OptionError(
                f"store.path: the login has no right to write {self.place}. Its policy needs create and update for "
                f"{self._mount}/data/{self._path}."
            )

    def load(self) -> dict[str, Any] | None:
        """Return the newest version; None when there is none, or it is deleted or empty."""
        return checked_entry(self._read().value, self.place)

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Write a version, if the newest one is `instead_of` and stays it until then."""
        wanted, former = plain(entry), self._standing(instead_of)
        try:
            written = self._write(wanted, former.number)
        except OptionError:
            # Another run may have written the same. Only one that ends is seen to here.
            written = self._read()
            if not (written.ends and same((written.value, written.number), (wanted, former.number + 1))):
                raise
        if written.ends:
            with contextlib.suppress(OptionError, StoreChanged):  # what stood there stands again
                if former.value:
                    self._write(former.value, written.number)
                else:
                    self._clear(written)
        self._refuse_end(written)

    def remove(self, instead_of: Entry) -> None:
        """Write an empty version in its place, and delete that one: a deletion alone cannot be compared.

        The older versions are left to the engine's own `max_versions`.
        """
        version = self._standing(instead_of)
        if version.number:
            self._clear(version)

    def _standing(self, expected: Entry | None) -> Version:
        """Return the newest version.

        :raises StoreChanged: it is not what is expected.
        """
        version = self._read()
        if not same(version.value or None, plain(expected) or None):
            raise StoreChanged.at(self.place)
        return version

    def _read(self) -> Version:
        """Return the newest version; one with the number 0 when there never was any."""
        errors = self._server.library.errors
        with self._refusals("read"):
            try:
                answer = self._kv.read_secret_version(raise_on_deleted_version=False, **self._address)
            except errors.InvalidPath as error:
                # Only the engine's own answer says that nothing is there: a proxy may answer 404, too.
                answer = error.json or {}
                if answer.get("errors"):
                    raise self._wrong_mount() from None
                if "errors" in answer:
                    return Version(None, 0)
            data = answer["data"]  # also of a version that was destroyed
            value, metadata = plain(data["data"]), data["metadata"]
            return Version(value, int(metadata["version"]), str((value and metadata.get("deletion_time")) or ""))

    def _write(self, value: dict[str, Any], version: int) -> Version:
        """Write a version in place of that one; return it."""
        with self._refusals("write"):
            try:
                answer = self._kv.create_or_update_secret(secret=value, cas=version, **self._address)
            except self._server.library.errors.InvalidRequest as error:
                if "did not match" in str(error):
                    raise StoreChanged.at(self.place) from None
                raise
            metadata = answer["data"]
            if int(metadata["version"]) != version + 1:
                raise ValueError("not the answer to this write")
            return Version(value, version + 1, str(metadata.get("deletion_time") or ""))

    def _clear(self, version: Version) -> None:
        try:
            self._write({}, version.number)
        except OptionError:
            newest = self._read()  # the answer may have been lost after the work was done
            if newest.value or newest.number != version.number + 1:
                raise
        with contextlib.suppress(OptionError), self._refusals("delete"):
            self._unless_forbidden(self._kv.delete_secret_versions, versions=[version.number + 1], **self._address)

    def _refuse_end(self, version: Version) -> None:
        """Refuse a version that does not stay: a secret would be lost while its device is in use."""
        if version.ends:
            raise OptionError(
                f"store.path: the server deletes the entry in {self.place} by itself, at {version.ends}. Set "
                "delete_version_after to 0s, for the engine and for the path. If an entry is there, write it again, "
                "such as by vault kv rollback. Then run this again."
            )

    def _wrong_mount(self) -> OptionError:
        return OptionError(
            f"store.mount: {self._mount} at {self._server.url} is not a KV engine of version 2. Check store.mount and "
            "store.namespace."
        )

    def _unless_forbidden(self, call: Any, **arguments: Any) -> Any:
        try:
            return call(**arguments)
        except self._server.library.errors.Forbidden:
            return None

    def _refusals(self, doing: str) -> contextlib.AbstractContextManager[None]:
        return self._server.refusals(f"{doing} {self.place}")

    @property
    def _address(self) -> dict[str, str]:
        return {"path": self._path, "mount_point": self._mount}

    @property
    def _kv(self) -> Any:
        return self._server.client.secrets.kv.v2
