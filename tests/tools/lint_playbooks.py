# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-lint, whose arguments it takes; but one process sees whether all playbooks load.

ansible-lint starts `ansible-playbook --syntax-check` for each of them, and for each import of one again: two thirds of
its time. When they load together, that is the answer. When one does not, ansible-lint asks for each and tells which.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ansiblelint import runner
from ansiblelint.__main__ import _run_cli_entrypoint

if TYPE_CHECKING:
    from collections.abc import Collection

    from ansiblelint.app import App
    from ansiblelint.errors import MatchError
    from ansiblelint.file_utils import Lintable


class OneProcess(runner.Runner):
    """Overrides what is private to ansible-lint, whose version is pinned (tests/requirements.txt)."""

    _loaded: Collection[Path] = ()

    def _run_syntax_check_phase(self, matches: list[MatchError]) -> list[Lintable]:
        runtime = self.app.runtime
        playbooks = [file.path for file in self._collect_syntax_check_files() if file.kind == "playbook"]
        command = ["ansible-playbook", "--syntax-check", *map(str, playbooks)]
        done = subprocess.run(command, env=runtime.environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self._loaded = set() if done.returncode else {path.resolve() for path in playbooks}
        print(f"{len(self._loaded)} of {len(playbooks)} playbooks were seen to load by one process.")
        ask = runtime.has_playbook

        def has_playbook(playbook: str, *, basedir: Path | None = None) -> bool:
            return Path(basedir or "", playbook).resolve() in self._loaded or ask(playbook, basedir=basedir)

        runtime.has_playbook = has_playbook  # type: ignore[method-assign]
        return super()._run_syntax_check_phase(matches)

    def _get_ansible_syntax_check_matches(self, lintable: Lintable, app: App) -> list[MatchError]:
        return (
            [] if lintable.path.resolve() in self._loaded else super()._get_ansible_syntax_check_matches(lintable, app)
        )


if __name__ == "__main__":
    runner.Runner = OneProcess  # type: ignore[misc]
    _run_cli_entrypoint()
