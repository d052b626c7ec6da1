# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a task tells what goes on. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Voice(NamedTuple):
    """What goes on: `say` is for those who asked for more output, `tell` is for everyone."""

    say: Callable[[str], None]
    tell: Callable[[str], None]
