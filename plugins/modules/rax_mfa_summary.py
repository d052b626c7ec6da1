#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation and the options of the action plugin of this name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mfa_summary
short_description: Sum up what a play did to its accounts
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Says how many hosts of the play the role P(rackspace.identity.mfa_otp#role) changed, found settled, or failed on,
    with the errors, and writes that as JSON. A failure that was rescued or ignored counts, unless a later run of the
    role in the play succeeded.
  - Let each account be a host of its own. When a loop works on several accounts at one host, the last one counts alone.
  - Hosts that a failed task of the role at another one stopped, by C(any_errors_fatal) or C(run_once), count as not
    reached. Such an account may be half done, and the next run completes it. With C(any_errors_fatal), ansible-core
    before 2.18 may end the play without a summary.
  - When the role runs with C(run_once), only the host that it ran for counts; the others are not reached. Let that be
    the only run of the role in the play. A time limit that ends its first task counts at each host.
  - Whether a change was made or would be made is told by the check mode of the role's tasks.
  - The playbooks of the collection end with it. In a play of your own, run it with C(run_once) in the section C(always)
    of a block around the role, so that it comes after failures, too. With C(serial) it comes at the end of each batch,
    and the last one has all hosts.
  - A block with C(always) keeps ansible-core from counting failures for C(max_fail_percentage). So the task fails, and
    with it the play ends, when more hosts of the batch have failed. The hosts that it has not reached are left alone.
  - With a strategy such as P(ansible.builtin.free#strategy), run it without C(run_once), and let each host come to it.
    The last one sums up, and the others return nothing.
  - A host that left the play by the task C(end_host) of P(ansible.builtin.meta#module) counts as failed, as
    ansible-core does not tell the two apart.
  - Nothing in the result and in the file is secret.
  - It always runs on the controller, whatever the host, the connection and C(become) of the task.
extends_documentation_fragment:
  - rackspace.identity.attributes
options:
  path:
    description:
      - The JSON file. It is written as a whole, with mode C(0600), and in check mode, too.
      - A relative path starts at the current folder of the user, not at that of the playbook.
      - It holds C(job), C(check_mode), C(counts), and the list C(accounts). Each has C(host) and C(outcome), which is
        V(changed), V(settled), V(failed) or V(not_reached). It also has C(steps), which are the plan in check mode, or
        C(msg) and C(error) of the failure.
    type: path
  job:
    description: What the play does, for the file.
    type: str
  only_begin:
    description:
      - Only write the file, without accounts. It shows before anything is changed that the file can be written, and
        leaves no file of an earlier run.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details:
      - It changes nothing but its file.
  idempotent:
    support: full
"""

EXAMPLES = r"""
- name: Enroll, and sum up
  block:
    - name: Enroll
      ansible.builtin.import_role:
        name: rackspace.identity.mfa_otp
  always:
    - name: Sum up
      rackspace.identity.rax_mfa_summary:
        path: /srv/reports/enroll.json
        job: enroll
      run_once: true
"""

RETURN = r"""
counts:
  description: How many hosts the play has, and how many of each outcome.
  returned: success, by the host that sums up
  type: dict
  sample: {"accounts": 1000, "changed": 3, "settled": 995, "failed": 2, "not_reached": 0}
path:
  description: The file, as an absolute path.
  returned: when O(path) is given, by the host that sums up
  type: str
  sample: /srv/reports/enroll.json
summary:
  description: The summary in words. It is shown at normal verbosity.
  returned: when O(only_begin=false), by the host that sums up
  type: list
  elements: str
  sample:
    - "1000 accounts: 1 changed, 998 settled, 1 failed."
    - "ada: create_device, store_secret, verify_device, turn_on, prove_login"
    - "bob failed: The password of bob is wrong."
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import controller_only, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import ModuleSpec

SPEC = ModuleSpec(
    argument_spec={
        "path": {"type": "path"},
        "job": {"type": "str"},
        "only_begin": {"type": "bool", "default": False},
    }
)
HOLDS_SECRETS: tuple[str, ...] = ()
run = controller_only


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
