# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What takes long is shown on the controller's screen at once, at normal verbosity."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import StoreChanged
from ansible_collections.rackspace.identity.plugins.plugin_utils import controller
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores.command import CommandStore


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


def test_a_store_raises_nothing_that_nobody_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device and a bypass code are taken back after an error of the store, and lost after any other one."""
    store = controller.ControllerTools(DataLoader(), {}).open_store({"type": "command", "argv": ["x"], "key": "ada"})

    def fail(*_unused: object) -> NoReturn:
        raise raised

    for name in ("check", "load", "save", "remove"):
        monkeypatch.setattr(CommandStore, name, fail)
    uses: list[Callable[[], object]] = [
        store.check,
        store.load,
        partial(store.save, {}, None),
        partial(store.remove, {}),
    ]
    raised: BaseException
    for use in uses:
        for raised in (OptionError("no"), StoreChanged("late"), KeyboardInterrupt()):
            with pytest.raises(type(raised)) as caught:
                use()
            assert caught.value is raised
        raised = PermissionError(1, "s3cret")
        with pytest.raises(
            OptionError, match=r"^O\(store\): cannot use ada of the program x: PermissionError at "
        ) as told:
            use()
        assert "s3cret" not in str(told.value)
        assert "a defect of the collection" in str(told.value)
