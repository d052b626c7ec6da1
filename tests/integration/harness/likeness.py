# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two plays of the same tasks, made comparable: what is random, or differs by core's own words, is told apart."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .plays import Outcome, Played

_HEX = re.compile(r"\b[0-9a-f]{32}\b")
_SERVICE = re.compile(r"127\.0\.0\.1:\d+")
_TIME = re.compile(
    r'(?<="retry_after": )18\d\d\b|(?<=safe again in )\d+ min, at [-\d]+ [:\d]+|(?<="created": ")[-:TZ\d]+'
)
"""Half an hour from the service's time, which is known to a second or two; and the time of this machine."""
_APART = re.compile(
    r"The answers of the service tell [-\d]+ [:\d]+ UTC, and the clock of this machine [-\d]+ [:\d]+ UTC\. "
    r"If the first is wrong, so were the (pass)?codes\. Otherwise (\w)"
)
"""The service stands still, so on a busy machine the two are apart, and else they are not."""

_OWN = ("n", "time")
"""What is each request's own."""


class Plain:
    """What was played, with all that is random in it named by the order in which it comes."""

    def __init__(self, played: Played) -> None:
        self._played = played
        self._names: dict[str, str] = {}
        self._random = re.compile(
            "|".join([*map(re.escape, sorted(played.secrets, key=len, reverse=True)), _HEX.pattern])
        )

    def text(self, text: str) -> str:
        """The text with names in place of what is random."""
        text = _APART.sub(lambda found: found[2].upper() if found[1] else f"Probably {found[2]}", text)
        return self._random.sub(self._name, _TIME.sub("<time>", _SERVICE.sub("<service>", text)))

    def outcomes(self) -> list[str]:
        """Results and requests."""
        return [self._outcome(outcome) for outcome in self._played.outcomes]

    def screen(self) -> str:
        """What was shown, but for core's word for who failed, and what only the controller can tell during the work."""
        lines = self._played.screen.replace("Module failed: ", "Action failed: ").splitlines()
        return self.text("\n".join(line for line in lines if not line.startswith("<localhost>")))

    def _outcome(self, outcome: Outcome) -> str:
        result = {key: value for key, value in outcome.result.items() if key != "qrcode"}  # a picture of a secret
        asked: list[dict[str, Any]] = []
        for entry in outcome.requests:
            line = {name: value for name, value in entry.items() if name not in _OWN}
            # How often something is tried in vain depends on how fast the machine is.
            if not line["fault"] or line not in asked[-1:]:
                asked.append(line)
        return self.text(json.dumps({"result": result, "requests": asked}, sort_keys=True, indent=1))

    def _name(self, found: re.Match[str]) -> str:
        return self._names.setdefault(found.group(), f"<{len(self._names)}>")


def differences(of: str, here: str, there: str) -> str:
    """What differs, for the message of an assertion."""
    lines = difflib.unified_diff(here.splitlines(), there.splitlines(), f"{of} here", "there", n=1, lineterm="")
    return "\n".join(lines)
