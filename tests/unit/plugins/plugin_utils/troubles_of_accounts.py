# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with an account, in memory. `test_troubleshooting.py` runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.login.account_lock import AccountLock
from ansible_collections.rackspace.identity.plugins.modules import (
    rax_auth_token,
    rax_bypass_codes,
    rax_mfa_info,
    rax_mfa_settings,
    rax_otp_device,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import API_KEY, BOSS_KEY, PASSWORD
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench

BY_KEY = {"username": "jo", "api_key": API_KEY}
BOSS = {"username": "boss", "api_key": BOSS_KEY}
ANOTHER_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def call(file: Any, **options: Any) -> Callable[[Bench], object]:
    return lambda bench: bench.here.call(file, **options)


def enrolled(bench: Bench) -> None:
    jobs.enroll(bench.here)
    bench.rest()


def once_enrolled(file: Any, **options: Any) -> Callable[[Bench], object]:
    def run(bench: Bench) -> None:
        enrolled(bench)
        bench.here.call(file, **options)

    return run


def elsewhere(file: Any, **options: Any) -> Callable[[Bench], object]:
    """If nothing is stored for the account that is on."""

    def run(bench: Bench) -> None:
        enrolled(bench)
        bench.shelf.content = None
        bench.here.call(file, **options)

    return run


def tried(*passcodes: str) -> Callable[[Bench], object]:
    """The last of these passcodes, after a refusal of each other one."""

    def run(bench: Bench) -> None:
        enrolled(bench)
        for passcode in passcodes[:-1]:
            with pytest.raises(Exception, match=r"refused|accepted"):
                bench.here.call(rax_auth_token, passcode=passcode)
        bench.here.call(rax_auth_token, passcode=passcodes[-1])

    return run


def accepted_before(bench: Bench) -> None:
    jobs.enroll(bench.here, codes=1)
    code = bench.service.codes[0]
    for _task in range(2):
        bench.here.call(rax_auth_token, passcode=code)


def too_long(bench: Bench) -> None:
    enrolled(bench)
    bench.here.call(rax_auth_token)
    bench.here.call(rax_auth_token, max_wait=5)


def verified_by(**wrong: Any) -> Callable[[Bench], object]:
    def run(bench: Bench) -> None:
        device_id = bench.service.make_device(verified=False)
        bench.here.call(rax_otp_device, state="verified", device_id=device_id, store=None, **wrong)

    return run


def five_devices(bench: Bench) -> None:
    for name in ("ansible", "phone", "tablet", "old phone", "spare"):
        bench.service.make_device(verified=True, name=name)
    bench.here.call(rax_otp_device, name="build", store=None)


def secret_elsewhere(bench: Bench) -> None:
    bench.service.make_device(verified=True)
    bench.here.call(rax_otp_device, name="ansible", state="verified")


def edited(**fields: str) -> Callable[[Bench], object]:
    """If a hand has edited the entry."""

    def trouble(bench: Bench) -> None:
        bench.store(bench.service.make_device(verified=True)).update(fields)
        bench.here.call(rax_otp_device, state="verified")

    return trouble


def two_of_a_name(**options: Any) -> Callable[[Bench], object]:
    def trouble(bench: Bench) -> None:
        for _device in range(2):
            bench.service.make_device(verified=True)
        bench.here.call(rax_otp_device, name="ansible", **options)

    return trouble


def last_device(bench: Bench) -> None:
    enrolled(bench)
    bench.here.call(rax_otp_device, name="ansible", state="absent", store=None, check_mode=True, **BY_KEY)


def too_few_codes(bench: Bench) -> None:
    enrolled(bench)
    bench.service.most_codes = 3
    bench.here.call(rax_bypass_codes, count=5)


def changed_meanwhile(bench: Bench) -> None:
    enrolled(bench)

    def other_run() -> None:
        if bench.here.points.passed[-1] == "before save":
            bench.shelf.content = {**(bench.shelf.content or {}), "device_id": "another"}

    bench.here.points.pause = other_run
    bench.here.call(rax_otp_device, state="replaced", proof_password=PASSWORD)


def other_owner(bench: Bench) -> None:
    enrolled(bench)
    bench.shelf.content = {**(bench.shelf.content or {}), "username": "someone-else"}
    bench.here.call(rax_auth_token)


def held(folder: Path) -> None:
    def lock() -> AccountLock:
        return AccountLock(folder / "lock", "jo", max_wait=1, tell=lambda _line: None, sleep=lambda _seconds: None)

    first = lock()
    first.acquire()
    try:
        lock().acquire()
    finally:
        first.release()


def endpoint_of_environment(bench: Bench) -> None:
    bench.here.environ = {"RAX_AUTH_ENDPOINT": "identity.example.com/v2.0"}
    bench.here.call(rax_mfa_info, auth_endpoint=None)


OF_ACCOUNTS: dict[str, Callable[[Bench], object]] = {
    "wrong-password": call(rax_auth_token, username="jo", password="not-the-password"),
    "second-factor-required": once_enrolled(rax_auth_token, store=None),
    "no-store-has-the-secret": once_enrolled(rax_auth_token, store={"type": "none"}),
    "secret-not-stored": elsewhere(rax_auth_token),
    "no-way-in": elsewhere(rax_auth_token, use="bypass_code"),
    "passcode-accepted-before": accepted_before,
    "passcode-wrong": tried("000000"),
    "passcode-refused-before": tried("000000", "000000"),
    "two-passcodes-refused": once_enrolled(rax_auth_token, otp_secret=ANOTHER_SECRET, store=None),
    "no-third-passcode": tried("000000", "000001", "000002"),
    "wait-too-long": too_long,
    "code-refused": verified_by(code="000000"),
    "code-of-no-device": call(rax_otp_device, state="verified", code="123456"),
    "secret-of-another-device": verified_by(secret=ANOTHER_SECRET),
    "no-such-user": call(rax_mfa_info, target_user="nobody", **BOSS),
    "no-such-device": call(rax_otp_device, device_id="0123456789abcdef", store=None),
    "five-devices": five_devices,
    "device-not-stored": secret_elsewhere,
    "secret-cut-off": edited(secret="GEZDGNBVGY3TQO"),
    "secret-without-device": edited(device_id=""),
    "two-devices-of-a-name": two_of_a_name(store=None),
    "two-devices-and-a-store": two_of_a_name(),
    "last-device": last_device,
    "no-verified-device": call(rax_mfa_settings, enabled=True),
    "codes-while-off": call(rax_bypass_codes, count=5, store=None),
    "too-few-codes": too_few_codes,
    "nothing-to-rotate": call(rax_otp_device, name="ansible", state="replaced"),
    "no-second-factor-given": call(rax_auth_token, require_second_factor=True),
    "store-changed": changed_meanwhile,
    "entry-of-another-account": other_owner,
    "passcode-is-a-number": once_enrolled(rax_auth_token, passcode=1234567),
    "passcode-too-short": once_enrolled(rax_auth_token, passcode="1234"),
    "code-too-short": verified_by(code="5349"),
    "no-credentials": call(rax_mfa_info, username=None, password=None),
    "password-and-key": call(rax_mfa_info, username="jo", password="p", api_key="k"),
    "endpoint-wrong": call(rax_mfa_info, auth_endpoint="identity.example.com/v2.0"),
    "endpoint-without-tls": call(rax_mfa_info, auth_endpoint="http://identity.example.com"),
    "endpoint-of-the-environment-wrong": endpoint_of_environment,
    "codes-of-another-user": call(rax_bypass_codes, count=5, target_user="jo", **BOSS),
}
