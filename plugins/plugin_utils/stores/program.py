# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that keep entries: secrets go through their standard input and output. Private to the collection."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...module_utils.api import texts
from ...module_utils.api.errors import OptionError

TIMEOUT = 60.0
_LOOK = 0.5
"""Seconds between two looks whether a program has ended."""
_DYING = 5.0
"""Seconds for which a program that is killed is waited for."""


class Answer(NamedTuple):
    """What a program left behind: its exit code, its output, and the last line of its complaints."""

    code: int
    output: bytes
    complaint: str

    @property
    def ending(self) -> str:
        """How the program ended, in words."""
        return f"was killed by signal {-self.code}" if self.code < 0 else f"ended with exit code {self.code}"

    @property
    def reason(self) -> str:
        """Why it failed, as far as it told."""
        return texts.message(self.complaint) or f"it {self.ending}"


def find(option: str, program: str, environ: Mapping[str, str]) -> str:
    """Return the program's path.

    :raises OptionError: it is not there, or cannot be executed.
    """
    found = shutil.which(program, path=environ.get("PATH"))
    if not found:
        raise OptionError(f"{option}: the program {program} is not there, or cannot be executed. Install it.")
    return found


def run(option: str, argv: list[str], environ: Mapping[str, str], text: str = "", timeout: float = TIMEOUT) -> Answer:
    """Run a program to its end.

    It gets a session of its own, so that neither a terminal's Ctrl-C nor a killed group stops it in the middle. What it
    leaves in the background, such as an agent, may keep its output open, and is not waited for.

    :param text: its standard input.
    :raises OptionError: it cannot be started, or takes too long. Then it is killed, if this user may do that.
    """
    program = find(option, argv[0], environ)
    try:
        process = subprocess.Popen(
            [program, *argv[1:]],
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its arguments cannot be passed on"
        raise OptionError(f"{option}: {program} cannot be started: {reason}.") from None
    try:
        output, complaints = _outputs(process, text.encode(), timeout)
    except subprocess.TimeoutExpired:
        end = "was stopped" if _is_stopped(process) else "is still running: end it before you run this again"
        raise OptionError(
            f"{option}: {program} did not end within {timeout:g} s and {end}. Does it wait for a person, such as for a "
            "passphrase?"
        ) from None
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
    return Answer(process.returncode, output, _last_line(complaints))


def _is_stopped(process: subprocess.Popen[bytes]) -> bool:
    """Kill a program with what it has started; tell whether all of that has ended.

    What is another user's, such as sudo, may not be killed, and the system says so when nothing else is left.
    """
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_DYING)
    try:
        os.killpg(process.pid, 0)
    except OSError as error:
        return isinstance(error, ProcessLookupError)
    return process.returncode is not None


def _outputs(process: subprocess.Popen[bytes], given: bytes, timeout: float) -> tuple[bytes, bytes]:
    """Return what a program wrote until it ended.

    :raises subprocess.TimeoutExpired: it has not ended in time.
    """
    until, has_ended = time.monotonic() + timeout, False
    to_give: bytes | None = given
    while True:
        try:
            return process.communicate(to_give, min(_LOOK, timeout))
        except subprocess.TimeoutExpired as unfinished:
            if has_ended:  # and what it wrote was read since
                return unfinished.output or b"", unfinished.stderr or b""
            has_ended = process.poll() is not None
            if not has_ended and time.monotonic() >= until:
                raise
        to_give = None  # the rest of it is still given


def _last_line(complaints: bytes) -> str:
    lines = [line for line in complaints.decode("utf-8", "replace").splitlines() if line.strip()]
    return texts.one_line((lines or [""])[-1])


def as_json(output: bytes, place: str) -> Any:
    """Return the value that a program printed; None when it printed nothing.

    :raises OptionError: it is not JSON. The text never shows it.
    """
    if not output.strip():
        return None
    try:
        return json.loads(output)
    except (ValueError, RecursionError):
        raise OptionError(
            f"{place} does not hold the entry of an account: it is not JSON. Nothing was changed. Choose another place."
        ) from None
