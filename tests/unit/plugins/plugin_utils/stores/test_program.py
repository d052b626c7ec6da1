# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the programs of stores are run."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import program


def test_a_program_that_waits_is_stopped_with_what_it_has_started(tmp_path: Path) -> None:
    """Else a helper of it goes on waiting, with what it was given. Its end of the pipe closes when it ends."""
    os.mkfifo(tmp_path / "pipe")
    ours = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    begin = time.monotonic()
    with pytest.raises(OptionError, match=r"did not end within 0.5 s and was stopped"):
        program.run("store.x", ["sh", "-c", f"sleep 60 > '{tmp_path}/pipe' & wait"], os.environ, timeout=0.5)
    ended = select.poll()
    ended.register(ours, select.POLLHUP)
    assert ended.poll(5_000)
    os.close(ours)
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(
    ("is_ours", "is_refused", "told"),
    [
        (False, True, "is still running: end it before"),
        (True, True, "is still running: end it before"),
        (False, False, "is still running: end it before"),
        (True, False, "was stopped"),
    ],
    ids=["sudo", "a script that runs sudo", "it hangs in the system", "what it has started dies, too"],
)
def test_a_program_that_may_not_be_stopped_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, is_ours: bool, is_refused: bool, told: str
) -> None:
    """It is another user's. Whatever comes of it is an error of the store.

    :param is_ours: the program itself ends when it is stopped.
    :param is_refused: what is left may not be stopped, or looked for.
    """
    running: set[int] = set()

    def kill(group: int, number: int) -> None:
        running.add(group)
        if is_ours and number:
            os.kill(group, number)
        elif is_refused:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "killpg", kill)
    monkeypatch.setattr(program, "_DYING", 5 if is_ours else 0.1)
    with pytest.raises(OptionError, match=rf"within 0.1 s and {told}") as caught:
        program.run("store.x", ["sleep", "60"], os.environ, timeout=0.1)
    assert caught.value.__suppress_context__
    (left,) = running
    if not is_ours:
        os.kill(left, signal.SIGKILL)
        os.waitpid(left, 0)
