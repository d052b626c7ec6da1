# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What takes long is shown on the controller's screen at once, at normal verbosity."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.rackspace.identity.plugins.plugin_utils import controller


@pytest.mark.parametrize("trouble", [None, BrokenPipeError()], ids=["shown", "the worker outlives its run"])
def test_a_line_is_shown_whatever_the_verbosity(monkeypatch: pytest.MonkeyPatch, trouble: Exception | None) -> None:
    shown: list[str] = []

    def display(line: str) -> None:
        time.sleep(0.05)  # a slow screen is waited for
        shown.append(line)
        if trouble:
            raise trouble

    monkeypatch.setattr(controller, "display", SimpleNamespace(display=display))
    controller.ControllerTools(DataLoader(), {}).tell("ada: waiting 23 s for the next passcode")
    assert shown == ["ada: waiting 23 s for the next passcode"]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"type": "vault_file", "path": "mfa.yml"}, "{here}/mfa.yml"),
        ({"type": "vault_file", "path": "/srv/mfa.yml"}, "/srv/mfa.yml"),
        ({"type": "pass", "name": "mfa/ada"}, "mfa/ada"),
    ],
)
def test_the_path_of_a_store_starts_at_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert place.format(here=tmp_path) in controller.ControllerTools(DataLoader(), {}).open_store(given).place
