# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new secret for an account: what is stored can log in at every moment."""

from __future__ import annotations

import pytest
from integration.harness import without_notes
from integration.harness.accounts import MakeLab, assert_stored_secret_logs_in, device_of, enrolled_lab
from integration.harness.jobs import ROTATION, assert_replaced


@pytest.mark.matrix
def test_both_secrets_are_stored_while_both_devices_exist(make_lab: MakeLab) -> None:
    lab = enrolled_lab(make_lab)
    old = lab.entry()
    hold = lab.control.fault("hold", method="POST", path="/verify$", when="before")
    process = lab.start("rotate", **lab.variables())
    lab.control.wait_for_fault(hold, 60)
    entry = lab.entry()
    assert without_notes({name: entry[name] for name in old}) == without_notes(old)
    assert device_of(lab, entry["next"]["device_id"])["secret"] == entry["next"]["secret"]
    assert len(lab.account()["otp_devices"]) == 2
    lab.control.release(hold)

    hold = lab.control.fault("hold", method="DELETE", path="otp-devices/", when="before")
    lab.control.wait_for_fault(hold, 60)
    entry = lab.entry()
    assert entry["previous"] == old["device_id"]
    assert entry["secret"] != old["secret"]
    assert len(lab.account()["otp_devices"]) == 2
    lab.control.release(hold)

    run = lab.finish(process)
    assert run.result["steps"] == ROTATION
    assert run.result["proved"] is True
    assert run.result["device"] == {"id": lab.entry()["device_id"], "name": "ansible", "verified": True}
    assert run.refused_passcodes == 0
    assert_replaced(lab, old)
    assert_stored_secret_logs_in(lab)
