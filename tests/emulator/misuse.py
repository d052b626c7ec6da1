# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test asked for and the emulator cannot do."""

from __future__ import annotations


class Misuse(ValueError):
    """A wrong seed, switch, fault or call of the control API; the message says what is wrong and holds no secret."""
