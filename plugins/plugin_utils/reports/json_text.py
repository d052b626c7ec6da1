# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit as JSON. Private to the collection."""

from __future__ import annotations

import json

from ...module_utils.mfa.audit import Audit


def render(audit: Audit) -> str:
    """Return the audit as JSON text, in ASCII."""
    return json.dumps(audit._asdict(), indent=1) + "\n"
