# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service that repeats what it was sent: nothing that logs in is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import IdentityError, NotFound
from ansible_collections.rackspace.identity.plugins.module_utils.run.masking import masked
from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_info, rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS_KEY, AccountService
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench

WORD = "314159"
"""A password, or an API key, that is as easy to find as a code."""


class EchoingService(AccountService):
    """Refuses what holds a code, and says what it was."""

    echoed: str = ""

    def answer(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        text = json.dumps([body, dict(headers)])
        if "passcodeCredentials" in text or WORD in text or path.endswith("/verify"):
            EchoingService.echoed += text
            status = 401 if path == "/v2.0/tokens" else 403
            return status, {}, {"unauthorized" if status == 401 else "forbidden": {"code": status, "message": text}}
        return super().answer(method, path, body, headers)


@pytest.fixture(autouse=True)
def echoing(bench: Bench) -> None:
    bench.service.__class__ = EchoingService
    EchoingService.echoed = ""


def test_a_passcode_and_the_session_of_a_login(bench: Bench) -> None:
    device_id = bench.service.make_device(verified=True)
    bench.service.mfa = True
    told = failure_of(bench, rax_mfa_info, store=None, otp_secret=bench.service.devices[device_id].secret)
    session = re.search(r"session-\d+", EchoingService.echoed)
    assert session
    assert session[0] not in told


@pytest.mark.parametrize("source", ["environment", "file"])
@pytest.mark.parametrize("name", ["password", "api_key"])
def test_what_logs_in_and_is_no_option(bench: Bench, tmp_path: Path, name: str, source: str) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"[rackspace_cloud]\nusername = jo\n{name} = {WORD}\n", encoding="utf-8")
    if source == "environment":
        bench.here.environ |= {"RAX_USERNAME": "jo", f"RAX_{name.upper()}": WORD}
    credentials_file = str(file) if source == "file" else None
    failure_of(bench, rax_mfa_info, store=None, username=None, credentials_file=credentials_file)


def test_a_code_that_verifies(bench: Bench) -> None:
    device_id = bench.service.make_device(verified=False)
    secret = bench.service.devices[device_id].secret
    failure_of(bench, rax_otp_device, store=None, device_id=device_id, state="verified", secret=secret)


@pytest.mark.parametrize("is_stored", [True, False], ids=["stored before", "made now"])
def test_a_stored_secret_that_was_never_sent(bench: Bench, is_stored: bool) -> None:
    if is_stored:
        bench.store(bench.service.make_device(verified=False))
    bench.service.__class__ = TellingService
    module = bench.here.module(rax_otp_device, state="verified", name="ansible")
    with pytest.raises(IdentityError) as raised:
        bench.here.run(rax_otp_device, module)
    (device,) = bench.service.devices.values()
    assert device.secret in (raised.value.service_message or "")
    assert device.secret not in str(masked(raised.value.as_failure(), module.no_log_values))


def test_a_target_that_is_not_there_and_whose_name_holds_a_secret(bench: Bench) -> None:
    name = f"no-{BOSS_KEY}"
    module = bench.here.module(rax_mfa_info, store=None, username="boss", api_key=BOSS_KEY, target_user=name)
    with pytest.raises(NotFound) as raised:
        bench.here.run(rax_mfa_info, module)
    told = masked(raised.value.as_failure(), module.no_log_values, module.public_names)["msg"]
    assert told.startswith("Looking up the user no-******** (O(target_user)) found nothing")


class TellingService(AccountService):
    """Refuses to verify, and says the secret."""

    def answer(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        if path.endswith("/verify"):
            (device,) = self.devices.values()
            return 403, {}, {"forbidden": {"code": 403, "message": f"no {device.secret} end"}}
        return super().answer(method, path, body, headers)


def failure_of(bench: Bench, file: Any, **options: Any) -> str:
    """Return what the task shows of its failure; it repeats the service's words, and none of the codes in them."""
    module = bench.here.module(file, **options)
    with pytest.raises(IdentityError) as raised:
        bench.here.run(file, module)
    told = str(masked(raised.value.as_failure(), module.no_log_values))
    codes = re.findall(r"\b\d{6}\b", EchoingService.echoed)
    assert codes
    assert "********" in told
    assert not [code for code in codes if code in told]
    return told
