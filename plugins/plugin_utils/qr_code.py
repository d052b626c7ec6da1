# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Showing the QR code of an OTP device, and removing it again. Private to the collection."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..module_utils.api.errors import OptionError
from ..module_utils.login.paths import usable_path
from ..module_utils.run.runner import ModuleLike
from ..module_utils.run.task import mask_secrets_only, open_store, secret_values
from ..modules import rax_otp_qr
from . import page, qr, secret_file
from .enrollment import Enrollment, read
from .terminal import Terminal, printable

_SCALE = 10
"""Pixels a module of a PNG file: large enough for a phone to read it from a screen at arm's length."""


class QrCode:
    """The logic of `rax_otp_qr`, with the terminal that it shows codes at."""

    SPEC = rax_otp_qr.SPEC
    HOLDS_SECRETS = rax_otp_qr.HOLDS_SECRETS

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def run(self, module: ModuleLike) -> dict[str, Any]:
        """Show the code, write it into a file, or remove that file."""
        mask_secrets_only(module)
        params = module.params
        if params["only_check"]:
            return _checked(params)
        enrollment = read(params["secret"] or _stored(module), params["account"], params["device_name"])
        if enrollment is None:
            raise OptionError("secret is empty, or nothing is stored: there is nothing to draw a QR code of.")
        if params["format"] == "terminal":
            return self._on_terminal(module, enrollment)
        if not params["path"]:
            raise OptionError(f"path is missing: where the {params['format'].upper()} file is written.")
        path = Path.cwd() / usable_path("path", params["path"])
        content = _content(enrollment, params["format"])
        # Two tasks may have been given one path: the second one is to find the first one's file whole.
        with self._terminal.alone():
            there = params["state"] != "absent"
            changed = secret_file.change(path, content, there=there, dry=module.check_mode)
            return {"changed": changed, "path": str(path)}

    def _on_terminal(self, module: ModuleLike, enrollment: Enrollment) -> dict[str, Any]:
        if module.params["state"] == "absent":
            raise OptionError("state: absent removes a file, and format: terminal makes none.")
        reason = self._terminal.why_not()
        if reason:
            module.warn(f"The QR code is not shown, since anyone who reads it has the secret. {reason}")
        elif not module.check_mode:
            with self._terminal.alone():
                show(self._terminal, enrollment)
        return {"changed": False, "shown": not (reason or module.check_mode)}


def _checked(params: dict[str, Any]) -> dict[str, Any]:
    """Can the code be drawn, and its file be written?"""
    if not qr.HAS_SEGNO:
        raise OptionError(f"The QR code can't be drawn: {qr.SegnoMissing()}")
    if params["format"] != "terminal":
        folder = (Path.cwd() / usable_path("path", params["path"] or "")).parent
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise OptionError(f"O(path): the folder {folder} does not exist or can't be written. Create it first.")
    return {"changed": False}


def _stored(module: ModuleLike) -> Any:
    """The stored secret that a person takes over: that of a device which is replacing another one, else the own."""
    store = open_store(module)
    entry = (store.load() if store else None) or {}
    secret = entry.get("next") or entry
    module.no_log_values |= set(secret_values(entry))
    return {**secret, "username": entry.get("username")} if secret.get("secret") else None


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
