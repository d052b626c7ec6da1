# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say which user is acted on. Private to the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Documents `TARGET_SPEC` of module_utils/run/specs.py."""

    DOCUMENTATION = r"""
options:
  target_user:
    description:
      - Name of the user to act on. The service compares names without regard to case.
      - It must be a string. Put what YAML reads as a number in quotes, such as V(0123).
      - Without it and O(target_user_id) it is the account that logs in.
      - A user-admin may act on every user of its domain, a user-manage on the default users of its domain.
    type: str
  target_user_id:
    description:
      - ID of the user to act on, instead of O(target_user). It saves the request that would look the name up.
    type: str
"""
