# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the emulator as a process of its own, or stop it: ``emulator_process.py start|stop FOLDER [ARGUMENT ...]``.

``start`` returns when the emulator has printed its URL, and leaves in FOLDER: ``emulator.url``, ``emulator.pid`` and
``emulator.log``. The arguments go to the emulator. ``stop`` stops it, if there is one, and removes FOLDER/kept,
where runs may leave what they keep of its accounts.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

EMULATOR = Path(__file__).resolve().parents[1] / "emulator"
GONE = 10.0  # seconds to stop by itself


def main() -> None:
    """Do what the command line says."""
    action, folder, *args = sys.argv[1:]
    {"start": start, "stop": stop}[action](Path(folder), args)


def start(folder: Path, args: list[str]) -> None:
    """Start the emulator on a free port, in a session of its own, so that it outlives the playbook that asked."""
    stop(folder, [])
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(EMULATOR), "--port", "0", *args]
    log = folder / "emulator.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True, text=True
        )
    (folder / "emulator.pid").write_text(str(process.pid))
    url = process.stdout.readline().strip() if process.stdout else ""  # the one line that it prints, when it is ready
    if not url:
        sys.exit(f"The emulator did not start: {log.read_text(errors='replace')[-2000:]}")
    (folder / "emulator.url").write_text(url)


def stop(folder: Path, _args: list[str]) -> None:
    """Stop the emulator that was started in ``folder``, if it is there, and remove what was kept of its accounts."""
    shutil.rmtree(folder / "kept", ignore_errors=True)
    file = folder / "emulator.pid"
    if not file.exists():
        return
    pid = int(file.read_text())
    deadline = time.monotonic() + GONE
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while time.monotonic() < deadline and not ended(pid):
            time.sleep(0.05)
        if not ended(pid):
            os.kill(pid, signal.SIGKILL)
    file.unlink()


def ended(pid: int) -> bool:
    """Tell whether a process is gone. One that was not waited for counts as gone (Linux)."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except ProcessLookupError:
        return True
    except FileNotFoundError:  # no /proc: it answers the signal, so it lives
        return False


if __name__ == "__main__":
    main()
