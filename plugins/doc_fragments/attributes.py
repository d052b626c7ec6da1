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

    IN_PROCESS = r"""
options: {}
notes:
  - A task on the controller runs inside the worker that Ansible already has, which takes a fraction of the time that a
    module takes to start. That is, with the connection P(ansible.builtin.local#connection), without C(become)
    and C(async), and with the Python of the controller (C(ansible_python_interpreter) unset, V(auto), or the same).
    Every other task runs as an ordinary module, with the same result.
  - Proxies and certificates are those of the environment that Ansible runs in, or of C(environment) on the task.
"""

    HIDDEN_RESULT = r"""
options: {}
notes:
  - A result that holds a secret is hidden from the screen, the log and all callback plugins, as with C(no_log=true),
    and so is the result of a loop in which one item holds one. The registered variable has all of it. A failure holds
    no secret and stays readable.
"""
