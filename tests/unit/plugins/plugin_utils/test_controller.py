# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What takes long is shown on the controller's screen at once, at normal verbosity."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.rackspace.identity.plugins.plugin_utils import controller


class Screen:
    def __init__(self, trouble: Exception | None = None) -> None:
        self.shown: list[str] = []
        self._trouble = trouble

    def display(self, line: str) -> None:
        if self._trouble:
            raise self._trouble
        self.shown.append(line)


def test_a_line_is_shown_whatever_the_verbosity(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(controller, "display", screen)
    controller.ControllerTools(DataLoader(), {}).tell("ada: waiting 23 s for the next passcode")
    assert screen.shown == ["ada: waiting 23 s for the next passcode"]


@pytest.mark.parametrize("trouble", [BrokenPipeError(), ValueError("closed"), OSError()])
def test_a_worker_that_outlives_its_run_goes_on(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    monkeypatch.setattr(controller, "display", Screen(trouble))
    controller.ControllerTools(DataLoader(), {}).tell("ada: waiting")
