# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device that a person verifies, by a code that the person has read from it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
)
from ansible_collections.rackspace.identity.plugins.modules import rax_auth_token, rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY, PASSWORD
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import at_step, code_of, previous


def test_a_person_alone_has_the_secret(bench: Bench) -> None:
    plan = bench.here.call(rax_otp_device, check_mode=True, store={"type": "none"}, state="verified")
    assert plan["steps"] == ["create_device", "verify_device"]
    made = bench.here.call(rax_otp_device, store={"type": "none"})
    device_id = made["device"]["id"]
    assert made["secret"] == bench.service.devices[device_id].secret
    shown = code_of(made["secret"], at_step(bench.service.now))
    verified = bench.here.call(
        rax_otp_device, store={"type": "none"}, state="verified", code=shown, keep_ids=[device_id]
    )
    assert verified["steps"] == ["verify_device"]
    assert bench.service.devices[device_id].verified
    assert bench.shelf.content is None
    bench.rest()
    again = bench.here.call(rax_otp_device, store={"type": "none"}, state="verified")
    assert (again["changed"], again.get("secret")) == (False, None)


BY_CODE: dict[str, Any] = {"use": "bypass_code", "replace_unstored": True}
LOST: dict[str, Any] = {"store": {"type": "none"}, "state": "replaced", "replace_unstored": True}
"""The options of a recovery by a person, who alone has the new secret."""


@pytest.mark.parametrize("way", ["asked for the code", "the code is given", "the code is given to the next run"])
def test_a_person_replaces_a_lost_device(bench: Bench, way: str) -> None:
    """The code is the proof: nobody has the secret that a login would take."""
    bench.service.make_device(verified=True)
    bench.service.mfa = True
    bench.service.codes = ["12345678", "23456789", "34567890"]
    plan = bench.here.call(rax_otp_device, check_mode=True, passcode="12345678", use="bypass_code", **LOST)
    assert plan["steps"] == ["create_device", "verify_device", "promote", "delete_previous"]
    made = bench.here.call(rax_otp_device, verify=False, passcode="12345678", **LOST)["device"]["id"]
    shown = code_of(bench.service.devices[made].secret, at_step(bench.service.now))
    if "next run" in way:  # its first task has a code that tells of the device, and leaves it to the one with the file
        begun = bench.here.call(rax_otp_device, verify=False, code=shown, passcode="34567890", **LOST)
        assert (begun["steps"], begun["device"]) == ([], {"id": made, "name": "ansible", "verified": False})
    steps = ["verify_device", "promote", "delete_previous"]
    if way == "asked for the code":  # another module has verified the device
        bench.service.devices[made].verified = True
        shown = ""
        steps.remove("verify_device")
    done = bench.here.call(
        rax_otp_device, code=shown, passcode="23456789", proof_password=PASSWORD, keep_ids=[made], **LOST
    )
    assert done["steps"] == steps
    assert (done["device"]["id"], list(bench.service.devices)) == (made, [made])


@pytest.mark.parametrize("state", ["present", "verified", "replaced"])
def test_without_a_look_the_code_of_a_person_tells_of_the_device(bench: Bench, state: str) -> None:
    """Check mode spends no bypass code to look, and plans what the real run does."""
    is_lost = state == "replaced"
    if is_lost:
        bench.service.make_device(verified=True)
    bench.service.mfa = is_lost
    bench.service.codes = ["12345678"]
    shown = code_of(bench.service.devices[bench.service.make_device(verified=False)].secret, at_step(bench.service.now))
    given = {**LOST, "state": state, "replace_unstored": is_lost, "use": "bypass_code", "passcode": "12345678"}
    plan = bench.here.call(rax_otp_device, check_mode=True, code=shown, **given)
    done = bench.here.call(rax_otp_device, code=shown, **given)
    assert plan["steps"] == done["steps"]
    assert plan["device"] == {**done["device"], "id": ""}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_code_replaces_no_device_whose_secret_was_never_stored(bench: Bench, check_mode: bool) -> None:
    """Unless it is told that the device is lost."""
    bench.service.make_device(verified=True)
    bench.service.make_device(verified=False)
    bench.service.mfa, bench.service.codes = True, ["12345678"]
    given = {**LOST, "replace_unstored": False, "use": "bypass_code", "passcode": "12345678"}
    with pytest.raises(Conflict, match="There is no secret"):
        bench.here.call(rax_otp_device, check_mode=check_mode, code="123456", **given)


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("way", [KEY, BY_CODE], ids=["key", "bypass code"])
def test_a_replacement_that_a_person_verifies_takes_two_runs(
    bench: Bench, way: dict[str, Any], check_mode: bool
) -> None:
    """A code before the device is there makes none, and changes nothing."""
    bench.begin(starts.enrolled)
    options: dict[str, Any] = {"state": "replaced", "verify": False, **way}
    before = sorted(bench.service.devices)
    with pytest.raises(Conflict, match="leave the code out to have a new device made"):
        bench.here.call(rax_otp_device, code="123456", check_mode=check_mode, **options)
    assert (sorted(bench.service.devices), "next" in starts.entry_of(bench)) == (before, False)
    made = bench.here.call(rax_otp_device, **options)["device"]["id"]
    shown = code_of(bench.service.devices[made].secret, at_step(bench.service.now))
    assert bench.here.call(rax_otp_device, code=shown, check_mode=check_mode, **options)["steps"] == []
    done = bench.here.call(rax_otp_device, code=shown, **{**options, "verify": True})
    assert done["steps"][0] == "verify_device"
    assert list(bench.service.devices) == [made]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("state", ["present", "verified"])
@pytest.mark.parametrize("start", [starts.fresh, starts.left_over, starts.device_gone], ids=lambda one: one.__name__)
def test_no_device_is_made_or_deleted_for_a_code_that_cannot_be_of_it(
    bench: Bench, start: starts.Start, state: str, check_mode: bool
) -> None:
    bench.begin(start)
    before, stored = sorted(bench.service.devices), deepcopy(bench.shelf.content)
    with pytest.raises(Conflict, match="No OTP device of jo whose secret is in the shelf waits for a code"):
        bench.here.call(rax_otp_device, state=state, code="123456", check_mode=check_mode, **KEY)
    assert (sorted(bench.service.devices), bench.shelf.content) == (before, stored)
    assert not any(call.startswith(("POST", "DELETE")) and "otp-devices" in call for call in bench.here.calls)


def test_a_code_verifies_the_device_that_an_earlier_run_has_stored(bench: Bench) -> None:
    made = bench.here.call(rax_otp_device, **KEY)["device"]["id"]
    shown = code_of(bench.service.devices[made].secret, at_step(bench.service.now))
    assert not bench.here.call(rax_otp_device, code=shown, **KEY)["changed"]
    assert bench.here.call(rax_otp_device, state="verified", code=shown, **KEY)["steps"] == ["verify_device"]


def test_another_controller_does_not_send_the_code_that_a_person_typed(bench: Bench) -> None:
    """It was accepted for the verification, and is refused from then on."""
    bench.service.window = previous
    made = bench.here.call(rax_otp_device, **KEY)["device"]["id"]
    shown = code_of(bench.service.devices[made].secret, at_step(bench.service.now) - 1)
    bench.here.call(rax_otp_device, state="verified", code=shown, **KEY)
    bench.service.mfa = True
    assert bench.another().call(rax_auth_token)["second_factor"]
    assert bench.service.refused == 0


def test_a_code_does_not_tell_which_of_two_devices_is_the_persons(bench: Bench) -> None:
    bench.begin(starts.left_over)
    with pytest.raises(Conflict, match="2 unverified devices"):
        bench.here.call(rax_otp_device, code="123456", **LOST)
    assert len(bench.service.devices) == 2
