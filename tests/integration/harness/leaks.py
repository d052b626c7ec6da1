# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for secrets in whatever a run leaves: every secret that the emulator ever set, issued or saw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .lab import Lab

_QR_CODE = "iVBORw0KGgo"
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
    secrets = [*_secrets(lab), ("qr_codes", _QR_CODE)]
    found = {place: kinds_in(content, secrets) for place, content in places.items()}
    return {Leak(kind, place) for place, kinds in found.items() for kind in kinds}


def _secrets(lab: Lab) -> Iterator[tuple[str, str]]:
    for kind, secrets in lab.control.state()["secrets"].items():
        yield from ((kind, secret) for secret in secrets)
    yield from (("store", secret) for secret in (lab.kept_in.secrets if lab.kept_in else ()))
    yield "vault_password", lab.vault_password.read_text(encoding="utf-8").strip()


def kinds_in(text: bytes, secrets: Iterable[tuple[str, str]]) -> set[str]:
    """The kinds of the secrets that stand in a text, in any case. Digits count only if they stand alone: a hex number
    or a fraction of a second has any six."""
    small = text.lower()  # once: a pattern that ignores the case takes ten times as long
    found = ((kind, secret.encode().lower()) for kind, secret in secrets)
    return {
        kind for kind, secret in found if secret in small and (not secret.isdigit() or _stands_alone(secret, small))
    }


def _stands_alone(digits: bytes, text: bytes) -> bool:
    return bool(re.search(rb"(?<![0-9a-z])(?<![0-9]\.)%b(?![0-9a-z])" % digits, text))


def _files_left(lab: Lab) -> Iterator[tuple[str, bytes]]:
    for folder in (lab.home, lab.tmp, lab.work):
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(folder.parent)), path.read_bytes()
