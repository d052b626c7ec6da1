# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the attributes of the documentation mean. Private to the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes: the meaning here, the `support` and `details` in each module."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in check mode and tell what it would change without changing it.
  diff_mode:
    description: Tells what changes, in diff mode and in the result.
  idempotent:
    description: A second run with the same options changes nothing.
  platform:
    description: The platform that it runs on.
    support: full
    platforms: posix
"""

    ACTIONGROUP_RAX = r"""
attributes:
  action_group:
    description: Is in an action group, so that C(module_defaults) of the group reach it.
    support: full
    membership:
      - rackspace.identity.rax
"""

    INFO_MODULE = r"""
attributes:
  check_mode:
    support: full
    details:
      - It reads, and changes nothing in any mode.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
    details:
      - It changes nothing.
"""
