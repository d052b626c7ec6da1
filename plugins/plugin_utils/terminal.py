# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The terminal that a run was started in: showing a secret there, and asking a person. Private to the collection.

Workers ask through core, which asks in the controller, one question after the other. What a question shows also goes to
the log file of the run, if there is one. So nothing secret may be part of it: that is shown before, on the screen only.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import Protocol

from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible.utils.display import Display

from ..module_utils.api.errors import PasscodeRequired

display = Display()

# Looked at while core loads an action, which it does before it forks the first worker: from ansible-core 2.19 on,
# workers have no terminal of their own to look at.
_SHOWS_ON_TERMINAL = sys.stdout.isatty()


def _takes_keys() -> bool:
    """Return whether someone can type: the input is a terminal, and this run is in its foreground."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        descriptor = sys.stdin.fileno()
        return os.isatty(descriptor) and os.getpgrp() == os.tcgetpgrp(descriptor)
    return False


_TAKES_KEYS = _takes_keys()
_INSTEAD = (
    "Run the playbook in the foreground of a terminal, or pass the code on: mfa_otp_verify: code with mfa_otp_code for "
    "the role, code for the module rax_otp_device."
)
_LOOKS_EVERY = 1.0
"""Seconds between two looks at whether the run is still there."""


class Lock(Protocol):
    """What core has on every connection so that only one worker asks (it asks about unknown host keys)."""

    def connection_lock(self) -> None:
        """Wait until no other worker holds it, and hold it."""

    def connection_unlock(self) -> None:
        """Let go of it."""


class Terminal:
    """The terminal, from inside a worker.

    :param lock: the connection of the task.
    :param shows_on_terminal: does what is displayed go to a terminal?
    :param takes_keys: can someone type?
    """

    def __init__(
        self, lock: Lock, *, shows_on_terminal: bool = _SHOWS_ON_TERMINAL, takes_keys: bool = _TAKES_KEYS
    ) -> None:
        self._lock = lock
        self._shows_on_terminal = shows_on_terminal
        self._takes_keys = takes_keys

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other workers of this run from showing and asking in between. The kernel lets go when a worker dies."""
        self._lock.connection_lock()
        try:
            yield
        finally:
            self._lock.connection_unlock()

    def why_not(self) -> str | None:
        """Why nothing secret may be shown, and no person can be asked; None if it is fine."""
        if os.environ.get("AWX_ISOLATED_DATA_DIR"):
            return "The output of this run is kept by ansible-runner (AWX, Automation Platform)."
        if not self._shows_on_terminal:
            return "The output of this run goes to a file or another program, not to a terminal."
        return None

    def show(self, text: str) -> None:
        """Show it on the screen, and there only: no log file, no callback plugin."""
        display.display(text, screen_only=True)

    def check(self) -> None:
        """Make sure that someone can be asked.

        :raises PasscodeRequired: no person can be asked.
        """
        _refuse(self.why_not() or (None if self._takes_keys else "There is no terminal to type at."))

    def ask(self, question: str, seconds: int) -> str:
        """Ask, and return what was typed before the enter key. It is not shown while it is typed.

        :param question: nothing secret: it goes to the log file, too.
        :param seconds: how long to wait for an answer.
        :raises PasscodeRequired: no person can be asked, or no answer.
        """
        _refuse(self.why_not())
        begun = time.monotonic()
        try:
            with _no_longer_than_the_run():
                answer = display.prompt_until(question, private=True, seconds=seconds)
        except AnsiblePromptNoninteractive:
            raise PasscodeRequired(f"Nobody can be asked for the code: there is no terminal. {_INSTEAD}") from None
        except AnsiblePromptInterrupt:
            raise PasscodeRequired("The question for the code was interrupted.") from None
        if not answer and time.monotonic() - begun >= seconds:
            raise PasscodeRequired(f"No code was typed within {seconds} seconds.")
        return bytes(answer).decode("utf-8", "replace")


@contextlib.contextmanager
def _no_longer_than_the_run() -> Iterator[None]:
    """End this worker, and so what it holds, when its run is killed or loses its terminal meanwhile."""
    over = threading.Event()
    watch = threading.Thread(target=_watch_run, args=[over], daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch_run(over: threading.Event) -> None:
    """Core has a worker wait without end for the main process, which alone knows the time limit of a question."""
    run = multiprocessing.parent_process()
    while run is None or os.getppid() == run.pid:
        if over.wait(_LOOKS_EVERY):
            return
    os._exit(1)


def _refuse(reason: str | None) -> None:
    if reason:
        raise PasscodeRequired(f"Nobody can be asked for the code. {reason} {_INSTEAD}")


def printable(name: str) -> str:
    """A name that someone else chose, without what would steer the terminal."""
    return "".join(character if character.isprintable() else "?" for character in name)
