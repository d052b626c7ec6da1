# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Showing the QR code of an OTP device, and removing it again. Private to the collection."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..module_utils.api.errors import OptionError
from ..module_utils.login.entry_shape import holds_secret, next_of, secret_values
from ..module_utils.login.paths import usable_path
from ..module_utils.login.stored import Store
from ..module_utils.run.runner import ModuleLike
from ..module_utils.run.task import mask_secrets_only, open_store
from . import page, qr, secret_file
from .enrollment import Enrollment, read
from .terminal import Terminal, printable

_PNG = re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR(.{4})\1\x01\x00", re.DOTALL)
"""How a square picture of black and white begins."""
_LOOKS_OURS: Mapping[str, Callable[[bytes], bool]] = {
    "png": lambda found: bool(_PNG.match(found)),
    "html": page.looks_ours,
}
"""Whether a file is the QR code of some device."""
_SCALE = 10
"""Pixels a module of a PNG file: large enough for a phone to read it from a screen at arm's length."""


class QrCode:
    """The logic of `rax_otp_qr`, with the terminal that it shows codes at."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def run(self, module: ModuleLike) -> dict[str, Any]:
        """Show the code, write it into a file, or remove that file."""
        mask_secrets_only(module)
        params = module.params
        store = open_store(module)
        enrollment = read(params["secret"] or _stored(module, store), params["account"], params["device_name"])
        if params["only_check"]:
            self._check(params, enrollment, is_kept=bool(enrollment or store))
            return {"changed": False}
        is_of_any = params["state"] == "absent" and params["secret"] is None and store is None
        if enrollment is None and not is_of_any:
            raise OptionError("O(secret) is empty, or nothing is stored: there is nothing to draw a QR code of.")
        if params["format"] == "terminal":
            return self._on_terminal(module, enrollment)
        # Two tasks may have been given one path: the second one is to find the first one's file whole.
        with self._terminal.alone():
            changed = _change(params, enrollment, dry=module.check_mode)
        return {"changed": changed, "path": str(_path(params))}

    def _check(self, params: Mapping[str, Any], enrollment: Enrollment | None, *, is_kept: bool) -> None:
        """Can the code be shown, or its file be written or removed?

        :param is_kept: the secret is known afterwards, too: what is not shown now can be shown later.
        """
        if params["state"] == "present" and not qr.HAS_SEGNO:
            raise OptionError(f"The QR code can't be drawn: {qr.SegnoMissing()}")
        if params["format"] != "terminal":
            _change(params, enrollment, dry=True)
        elif params["state"] == "present" and not is_kept and (reason := self._terminal.why_not()):
            raise OptionError(
                f"The QR code can't be shown, and the secret is not stored: nobody would ever have it. {reason} Set "
                "O(format) to png or html, and O(path)."
            )

    def _on_terminal(self, module: ModuleLike, enrollment: Enrollment | None) -> dict[str, Any]:
        if enrollment is None or module.params["state"] == "absent":
            raise OptionError("state: absent removes a file, and format: terminal makes none.")
        reason = self._terminal.why_not()
        if reason:
            module.warn(f"The QR code is not shown, since anyone who reads it has the secret. {reason}")
        elif not module.check_mode:
            with self._terminal.alone():
                show(self._terminal, enrollment)
        return {"changed": False, "shown": not (reason or module.check_mode)}


def _path(params: Mapping[str, Any]) -> Path:
    if not params["path"]:
        raise OptionError(f"O(path) is missing: where the {params['format'].upper()} file is written.")
    return Path.cwd() / usable_path("path", params["path"])


def _change(params: Mapping[str, Any], enrollment: Enrollment | None, *, dry: bool) -> bool:
    """Write or remove the file; return whether that changes something.

    :param enrollment: None: it is not known yet, or the file of any device is removed.
    """
    content = _content(enrollment, params["format"]) if enrollment else b""
    if params["state"] == "present":
        return secret_file.write(_path(params), content, dry=dry)
    is_ours = content.startswith if enrollment else _LOOKS_OURS[params["format"]]
    return secret_file.remove(_path(params), is_ours, dry=dry)


def _stored(module: ModuleLike, store: Store | None) -> Any:
    """The stored secret that a person takes over: that of a device which is replacing another one, else the own."""
    entry = (store.load() if store else None) or {}
    secret = next_of(entry) or entry
    module.no_log_values |= set(secret_values(entry))
    return {**secret, "username": entry.get("username")} if holds_secret(secret) else None


def show(terminal: Terminal, enrollment: Enrollment) -> None:
    """Show the code on the screen.

    :raises OptionError: it can't be drawn.
    """
    owner = f" of {printable(enrollment.account)}" if enrollment.account else ""
    with _drawing():
        code = qr.terminal(enrollment.uri, background="any")
    whose = f"the OTP device {printable(enrollment.device)}{owner}"
    terminal.show(f"\nScan this code with the authenticator app, for {whose}:\n\n{code}\n")


def _content(enrollment: Enrollment, kind: str) -> bytes:
    with _drawing():
        return page.render(enrollment) if kind == "html" else qr.png(enrollment.uri, scale=_SCALE)


@contextlib.contextmanager
def _drawing() -> Iterator[None]:
    try:
        yield
    except (ValueError, qr.SegnoMissing) as error:
        raise OptionError(f"The QR code can't be drawn: {error}") from None
