# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the role and the playbooks share: an emulator, a user's machine, and real runs of Ansible."""

from __future__ import annotations

from .checks import ENROLLMENT, assert_enrolled, assert_nothing_to_do, refused_passcodes, without_notes
from .fleet import TOGETHER, Fleet
from .lab import Lab, User, wait_until
from .leaks import Leak, find_leaks
from .processes import Arguments, kill_tree
from .run import Run, is_write
from .tables import host_name, in_slices, rows

__all__ = [
    "ENROLLMENT",
    "TOGETHER",
    "Arguments",
    "Fleet",
    "Lab",
    "Leak",
    "Run",
    "User",
    "assert_enrolled",
    "assert_nothing_to_do",
    "find_leaks",
    "host_name",
    "in_slices",
    "is_write",
    "kill_tree",
    "refused_passcodes",
    "rows",
    "wait_until",
    "without_notes",
]
