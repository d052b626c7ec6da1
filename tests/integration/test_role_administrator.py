# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An administrator enrolls another user.

The other jobs for another user are in `test_role_check_mode.py`; someone who is no administrator is refused in
`test_role_refusals.py`.
"""

from __future__ import annotations

import pytest
from integration.harness import ENROLLMENT, Lab, User, assert_enrolled, assert_nothing_to_do
from integration.harness.accounts import MakeLab


@pytest.fixture(name="lab")
def _lab(make_lab: MakeLab) -> Lab:
    """A lab with an administrator and two default users, one of whom must set MFA up."""
    return make_lab(User("boss", {"role": "user-admin"}), User("alice", {"enforcement_level": "REQUIRED"}), User("bob"))


def test_another_user_is_enrolled_proved_and_gets_a_level(lab: Lab) -> None:
    given = {
        **lab.variables("boss"),
        "mfa_otp_target_user": "alice",
        "mfa_otp_target_password": lab.account("alice")["password"],
        "mfa_otp_enforcement_level": "OPTIONAL",
    }
    run = lab.run("enroll", **given)
    assert run.result["steps"] == [*ENROLLMENT, "set_enforcement_level"]
    assert run.result["proved"] is True
    assert_enrolled(lab, "alice")
    assert lab.account("alice")["enforcement_level"] == "OPTIONAL"
    assert [lab.account(name)["otp_devices"] for name in ("boss", "bob")] == [[], []]
    lab.control.move(61)
    assert_nothing_to_do(lab.run("enroll", **given))
