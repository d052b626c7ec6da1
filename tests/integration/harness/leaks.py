# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for secrets in whatever a run leaves: every secret that the emulator ever set, issued or saw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .lab import Lab

_QR_CODE = b"iVBORw0KGgo"
"""How a PNG begins in base64: the QR code of a new device holds its secret."""


@dataclass(frozen=True)
class Leak:
    """A secret, by its kind, and where it was seen. It does not repeat the secret: tests print what they find."""

    kind: str
    place: str


def find_leaks(lab: Lab, texts: dict[str, bytes], machine: Lab | None = None) -> set[Leak]:
    """All leaks in these texts, and in every file of the machine but those that the test itself gave.

    :param machine: where the run was, if it was not on the lab's own.
    """
    places = {**texts, **dict(_files_left(machine or lab))}
    patterns = [(kind, pattern_of(secret)) for kind, secret in _secrets(lab)]
    patterns.append(("qr_codes", re.compile(_QR_CODE)))
    return {
        Leak(kind, place) for kind, pattern in patterns for place, content in places.items() if pattern.search(content)
    }


def _secrets(lab: Lab) -> Iterator[tuple[str, str]]:
    for kind, secrets in lab.control.state()["secrets"].items():
        yield from ((kind, secret) for secret in secrets)
    yield from (("store", secret) for secret in (lab.kept_in.secrets if lab.kept_in else ()))
    yield "vault_password", lab.vault_password.read_text(encoding="utf-8").strip()


def pattern_of(secret: str) -> re.Pattern[bytes]:
    """In any case. Digits count only if they stand alone: a hex number or a fraction of a second has any six."""
    alone = rb"(?<![0-9A-Za-z])(?<![0-9]\.)%b(?![0-9A-Za-z])" if secret.isdigit() else rb"%b"
    return re.compile(alone % re.escape(secret.encode()), re.IGNORECASE)


def _files_left(lab: Lab) -> Iterator[tuple[str, bytes]]:
    for folder in (lab.home, lab.tmp, lab.work):
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(folder.parent)), path.read_bytes()
