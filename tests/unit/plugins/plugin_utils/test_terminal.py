# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A worker that asks: its answer comes from the main process of the run."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from multiprocessing.connection import Connection
from unittest.mock import create_autospec

import pytest

from ansible_collections.rackspace.identity.plugins.plugin_utils import terminal

FORK = multiprocessing.get_context("fork")
LIMIT = 20
"""Seconds in which what should come has come."""


def ask() -> str:
    """Ask at a terminal."""
    at = terminal.Terminal(create_autospec(terminal.Lock), shows_on_terminal=True, takes_keys=True)
    return at.ask("The code?", 600)


def _run() -> None:
    """The main process of a run, which starts a worker and is killed."""
    FORK.Process(target=ask).start()
    signal.pause()


@pytest.fixture(name="soon", autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_LOOKS_EVERY", 0.05)


def test_a_worker_whose_run_was_killed_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """With ends of its own of a pipe: it is closed when both processes have ended."""
    here: Connection
    here, there = FORK.Pipe(duplex=False)

    def prompt_until(*_args: object, **_options: object) -> bytes:
        there.send("asked")
        threading.Event().wait(3 * LIMIT)
        return b""

    monkeypatch.setattr(terminal.display, "prompt_until", prompt_until)
    run = FORK.Process(target=_run)
    run.start()
    there.close()
    assert here.poll(LIMIT)
    assert here.recv() == "asked"
    assert not here.poll(0.5), "nothing ends while the run lives"
    run.kill()
    assert here.poll(LIMIT), "the worker waits for ever"
    with pytest.raises(EOFError):
        here.recv()


def test_after_an_answer_nothing_watches_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal.display, "prompt_until", lambda *_args, **_options: b"123456")
    before = threading.enumerate()
    assert ask() == "123456"
    assert threading.enumerate() == before
