# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator of the multi-factor part of Rackspace Identity v2.0, for tests (README.md)."""

from __future__ import annotations

from .behavior import BEHAVIORS
from .client import Control, ControlError
from .server import Emulator, tls_context

__all__ = ["BEHAVIORS", "Control", "ControlError", "Emulator", "tls_context"]
