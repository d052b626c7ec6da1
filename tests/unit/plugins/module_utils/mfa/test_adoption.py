# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device that exists, whose secret the user has: it is proved, and then stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError, PasscodeRefused
from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import iso_date
from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_settings, rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import faults, jobs
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY, PASSWORD
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import URL, Bench, Killed
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import previous

WRONG = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_a_verified_device_is_adopted_by_a_login(bench: Bench) -> None:
    """What the login used is stored: another controller does not send it again."""
    bench.skew = 3 * 86_400.0
    device_id = bench.service.make_device(verified=True)
    bench.service.mfa = True
    secret = bench.service.devices[device_id].secret
    bench.service.window = previous
    result = bench.here.call(rax_otp_device, state="verified", secret=secret, otp_secret=secret)
    assert result["steps"] == ["adopt_device", "store_secret", "prove_login"]
    entry = bench.shelf.content or {}
    assert (entry["device_id"], entry["secret"]) == (device_id, secret)
    assert {"last_step", "step_offset"} <= entry.keys()
    assert abs((iso_date(entry["proved"]) or 0.0) - bench.service.now) < 60
    assert jobs.enroll(bench.another()) == []
    assert bench.service.refused_codes == 0


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("others", [[], ["phone"], ["tablet", "phone"]], ids=["none", "one", "two"])
def test_what_a_login_cannot_tell_is_told(bench: Bench, others: list[str], check_mode: bool) -> None:
    """It proves the secret for the account, and the next rotation deletes the device that was named."""
    device_id = bench.service.make_device(verified=True)
    ids = {name: bench.service.make_device(verified=True, name=name) for name in others}
    bench.service.make_device(verified=False, name="not verified")
    bench.service.mfa, bench.service.window = True, previous
    given = {"secret": bench.service.devices[device_id].secret, "proof_password": PASSWORD}
    module = bench.here.module(rax_otp_device, check_mode=check_mode, state="verified", **given, **KEY)
    assert bench.here.run(rax_otp_device, module)["steps"] == ["adopt_device", "store_secret", "prove_login"]
    named = ", ".join(f"{name} (id {ids[name]})" for name in sorted(others))
    assert len(module.warnings) == bool(others)
    assert all(
        f"stored as that of ansible (id {device_id}), and could be that of {named}." in one for one in module.warnings
    )


def test_an_unverified_device_is_adopted_by_a_verification(bench: Bench) -> None:
    device_id = bench.service.make_device(verified=False)
    secret = bench.service.devices[device_id].secret
    assert bench.here.call(rax_otp_device, state="verified", secret=secret)["changed"]
    assert bench.service.devices[device_id].verified
    assert (bench.shelf.content or {})["secret"] == secret


@pytest.mark.parametrize("is_on", [False, True], ids=["by a verification", "by a login"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_device_that_waits_for_its_deletion_is_adopted(bench: Bench, is_on: bool, check_mode: bool) -> None:
    """A run that needed the room was killed when it had noted the device. Its secret is not lost."""
    device_id = bench.service.make_device(verified=is_on)
    bench.service.mfa, bench.service.window = is_on, previous
    bench.shelf.content = {"username": "jo", "user_id": "1", "auth_endpoint": URL, "orphans": [device_id]}
    given = {"secret": bench.service.devices[device_id].secret, "proof_password": PASSWORD, **KEY}
    steps = bench.here.call(rax_otp_device, check_mode=check_mode, state="verified", **given)["steps"]
    assert steps == ["adopt_device", "store_secret", *(["prove_login"] if is_on else [])]
    if not check_mode:
        assert bench.service.devices[device_id].verified
        entry = bench.shelf.content
        assert (entry["device_id"], entry["secret"], "orphans" in entry) == (device_id, given["secret"], False)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"secret": WRONG, "username": "nina"}, r"O\(secret\) is not that of jo"),
        (f"otpauth://totp/x?secret={WRONG}&digits=8", r"O\(secret\) is that of another service"),
        ("1189 no base32", r"O\(secret\): The secret is not base32"),
    ],
    ids=["another account", "another service", "none"],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_cannot_be_the_secret_of_the_account_is_not_tried(
    bench: Bench, given: Any, says: str, check_mode: bool
) -> None:
    bench.service.make_device(verified=False)
    with pytest.raises(OptionError, match=says):
        bench.here.call(rax_otp_device, state="verified", secret=given, check_mode=check_mode, **KEY)
    assert (bench.writes, bench.shelf.content) == ([], None)


@pytest.mark.parametrize("is_on", [False, True], ids=["by a verification", "by a login"])
def test_a_wrong_secret_is_not_adopted(bench: Bench, is_on: bool) -> None:
    bench.service.make_device(verified=is_on)
    bench.service.mfa = is_on
    with pytest.raises(PasscodeRefused, match=r"it is the secret of another device|the one of the account's device"):
        bench.here.call(rax_otp_device, state="verified", secret=WRONG, proof_password=PASSWORD, **KEY)
    assert bench.shelf.content is None
    assert len(bench.service.devices) == 1


def verify_meanwhile(bench: Bench, device_id: str) -> None:
    """A person verifies the device with the right code just before the run sends the first one of its own."""

    def verify() -> None:
        if bench.here.points.passed[-1].endswith("/verify"):
            bench.service.devices[device_id].verified = True

    bench.here.points.pause = verify


@pytest.mark.parametrize("given", [{}, {"code": "123456"}], ids=["secret", "code"])
@pytest.mark.parametrize("is_on", [False, True], ids=["MFA is off", "MFA is on"])
def test_that_someone_else_has_verified_the_device_proves_no_secret(
    bench: Bench, is_on: bool, given: dict[str, Any]
) -> None:
    """A login would be refused with it, and by key nothing would tell."""
    device_id = bench.service.make_device(verified=False)
    bench.service.mfa = is_on
    verify_meanwhile(bench, device_id)
    with pytest.raises(OptionError, match="can only be proved by a login with a password while MFA is on; nothing"):
        bench.here.call(rax_otp_device, state="verified", secret=WRONG, **given, **KEY)
    assert (bench.shelf.content, bench.service.refused_codes) == (None, 0)


def test_a_device_that_someone_else_has_verified_is_adopted_by_a_login(bench: Bench) -> None:
    device_id = bench.service.make_device(verified=False)
    bench.service.mfa, bench.service.window = True, previous
    verify_meanwhile(bench, device_id)
    secret = bench.service.devices[device_id].secret
    bench.here.call(rax_otp_device, state="verified", secret=secret, proof_password=PASSWORD, **KEY)
    assert {"device_id": device_id, "secret": secret}.items() <= (bench.shelf.content or {}).items()
    assert (bench.shelf.content or {})["proved"]
    assert bench.service.refused_codes == 0


def test_a_device_that_is_listed_as_unverified_by_mistake_proves_no_secret(bench: Bench) -> None:
    device_id = bench.service.make_device(verified=True)
    listed = {"RAX-AUTH:otpDevices": [{"id": device_id, "name": "ansible"}]}
    answer = faults.success(json.dumps(listed).encode())
    bench.here.fault = lambda at: answer if bench.here.calls[at].endswith("/otp-devices") else faults.none
    with pytest.raises(OptionError, match="can only be proved by a login"):
        bench.here.call(rax_otp_device, state="verified", secret=WRONG, **KEY)
    assert bench.shelf.content is None


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("password", "is_on", "says"),
    [
        ("", True, r"First pass the password of the account \(O\(proof_password\)\)\.$"),
        (PASSWORD, False, r"First turn MFA on \(rax_mfa_settings with enabled: true\)\.$"),
        ("", False, r"First pass the password of the account \(O\(proof_password\)\) and turn MFA on \(rax_"),
    ],
    ids=["no password", "MFA is off", "both"],
)
def test_what_is_missing_to_prove_a_secret_is_what_is_told(
    bench: Bench, password: str, is_on: bool, says: str, check_mode: bool
) -> None:
    bench.service.make_device(verified=True)
    bench.service.mfa = is_on
    given = {"secret": WRONG, "proof_password": password, **KEY}
    with pytest.raises(OptionError, match=says):
        bench.here.call(rax_otp_device, check_mode=check_mode, state="verified", **given)
    assert bench.writes == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_login_by_sms_proves_no_secret(bench: Bench, check_mode: bool) -> None:
    """It would take the code for a wrong one, and the third of these locks the account."""
    secret = bench.service.devices[bench.service.make_device(verified=True)].secret
    bench.service.mfa, bench.service.factor = True, "SMS"
    given = {"secret": secret, "proof_password": PASSWORD, **KEY}
    with pytest.raises(OptionError, match=r"First choose the factor OTP \(rax_mfa_settings with factor_type: OTP\)"):
        bench.here.call(rax_otp_device, check_mode=check_mode, state="verified", **given)
    assert (bench.writes, bench.service.refused_codes, bench.shelf.content) == ([], 0, None)


def test_an_adoption_that_was_killed_before_its_save_names_the_way_on(bench: Bench) -> None:
    """The secret is not stored before it is proved, and the user has it."""
    device_id = bench.service.make_device(verified=False)
    given = {"state": "verified", "secret": bench.service.devices[device_id].secret, "proof_password": PASSWORD, **KEY}

    def kill() -> None:
        if bench.here.points.passed[-1] == "before save":
            raise Killed

    bench.here.points.pause = kill
    with pytest.raises(Killed):
        bench.here.call(rax_otp_device, **given)
    here = bench.another()
    with pytest.raises(OptionError, match=r"First turn MFA on \(rax_mfa_settings with enabled: true\)"):
        here.call(rax_otp_device, **given)
    here.call(rax_mfa_settings, enabled=True, store=None, **KEY)
    bench.rest()
    assert here.call(rax_otp_device, **given)["steps"] == ["adopt_device", "store_secret", "prove_login"]


def test_what_is_stored_is_never_replaced_by_a_given_secret(bench: Bench) -> None:
    jobs.enroll(bench.here)
    before = dict(bench.shelf.content or {})
    result = bench.here.call(rax_otp_device, state="verified", secret=WRONG, **KEY)
    assert (result["changed"], bench.shelf.content) == (False, before)
    bench.rest()
    assert jobs.enroll(bench.here, secret=WRONG, otp_secret=WRONG) == []
    assert (bench.shelf.content or {})["secret"] == before["secret"]
