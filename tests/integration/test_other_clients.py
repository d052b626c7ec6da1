# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that others wrote for the real service get in to the emulator, and are refused if it would refuse them."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import yaml
from integration.harness import Lab, User
from integration.harness.accounts import ENROLLED, entry_of
from integration.harness.plays import MID_STEP, user
from libcloud.common import openstack_identity
from libcloud.common.types import InvalidCredsError

from emulator import Emulator
from emulator.totp import code_at, decode_secret

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
API_KEY = "0123456789abcdef0123456789abcdef"
"""keystone_rxt tells an API key from a password by its looks."""
ON = {"devices": [{"id": "d1", "name": "phone", "secret": SECRET, "verified": True}], "mfa": {"enabled": True}}


@pytest.fixture(name="emulator")
def _emulator() -> Iterator[Emulator]:
    users = [user("alice", api_key=API_KEY), user("bob", api_key=API_KEY, **ON)]
    with Emulator(users=users) as emulator:
        emulator.control.freeze(MID_STEP)
        yield emulator


@pytest.mark.parametrize(
    ("way", "key", "gets_in"),
    [
        ("api_key", API_KEY, True),
        ("password", "canary-alice-password", True),
        ("api_key", "wrong", False),
        ("password", "wrong", False),
    ],
)
def test_libcloud(emulator: Emulator, way: str, key: str, gets_in: bool) -> None:
    client: Any = openstack_identity.OpenStackIdentity_2_0_Connection
    connection = client(auth_url=emulator.url, user_id="alice", key=key)
    if not gets_in:
        with pytest.raises(InvalidCredsError):
            connection.authenticate(auth_type=way)
        return
    connection.authenticate(auth_type=way)
    assert connection.auth_user_info["name"] == "alice"
    assert connection.auth_token in {token["id"] for token in emulator.control.state()["tokens"]}


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_login.rst"
TOOL = """\
import os
from libcloud.common.openstack import OpenStackBaseConnection

token, url = os.environ["OS_TOKEN"], os.environ["OS_ENDPOINT"]
client = OpenStackBaseConnection(
    "automation", "", ex_force_auth_token=token, ex_force_base_url=url, ex_force_auth_url="http://127.0.0.1:1"
)
print(client.request("/users").status)
"""
"""It asks for users where the guide's asks for servers: the emulator is an identity service and no more."""


def test_a_tool_that_knows_no_second_factor_gets_in_by_the_guides_play(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("automation", ENROLLED))
    lab.store(entry_of(lab, "automation"))
    lab.vault.rename(lab.work / "mfa.yml")
    (example,) = re.findall(r"\n\n((?:    - name: Give the token to a tool\n)(?:    .*\n|\n)+)", GUIDE.read_text())
    (lab.work / "play.yml").write_text(textwrap.dedent(example))
    (lab.work / "credentials.yml").write_text(yaml.safe_dump({"mfa_otp_password": lab.account()["password"]}))
    (lab.work / "list_servers.py").write_text(TOOL)
    environment = lab.environment(RAX_AUTH_ENDPOINT=lab.emulator.url, OS_ENDPOINT=f"{lab.emulator.url}/v2.0")
    command = ["ansible-playbook", "-vvv", "play.yml"]
    run = subprocess.run(command, cwd=lab.work, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert '"stdout": "200"' in run.stdout
    said = [(entry["method"], entry["path"], entry["status"]) for entry in lab.control.requests()]
    listed = said.index(("GET", "/v2.0/users", 200))
    assert said[listed - 1][0] == "POST"  # the two-factor login
    assert [(method, status) for method, _path, status in said[listed + 1 :]] == [("DELETE", 204), ("GET", 401)]
    assert [path for path in lab.tmp.iterdir() if "ansible." in path.name] == []


class Refused(Exception):
    """What keystone_rxt raises towards Keystone."""


@pytest.fixture(name="rxt")
def _rxt(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """keystone_rxt without a Keystone around it: what it hands over stays in `flask.request.environ`."""
    names = (
        "keystone",
        "keystone.conf",
        "keystone.conf.utils",
        "keystone.exception",
        "keystone.i18n",
        "keystone.common",
        "keystone.common.cache",
        "keystone.auth",
        "keystone.auth.plugins",
        "keystone.auth.plugins.base",
        "keystone.auth.plugins.mapped",
        "keystone.auth.plugins.password",
        "keystone.auth.plugins.totp",
        "oslo_log",
        "oslo_log.log",
        "flask",
        "dateutil",
        "dateutil.parser",
    )
    fakes: dict[str, Any] = {name: MagicMock(name=name) for name in names}
    for name, fake in fakes.items():
        monkeypatch.setitem(sys.modules, name, fake)
        *parents, child = name.split(".")
        if parents:
            setattr(fakes[".".join(parents)], child, fake)
    fakes["keystone.exception"].Unauthorized = Refused
    fakes["keystone.auth.plugins.password"].Password = object
    fakes["keystone.auth.plugins.totp"].TOTP = object
    fakes["keystone.auth.plugins.base"].AuthHandlerResponse = types.SimpleNamespace
    rules = fakes["keystone.auth.plugins.mapped"].utils
    rules.RuleProcessor = type("RuleProcessor", (), {})
    rules.RuleProcessorToHonorDomainOption = type("RuleProcessorToHonorDomainOption", (), {})
    fakes["keystone.common.cache"].create_region = Region
    fakes["keystone.conf"].CONF.rackspace.role_attribute_enforcement = False
    fakes["flask"].request.environ = {}
    monkeypatch.delitem(sys.modules, "keystone_rxt.rackspace", raising=False)
    module = importlib.import_module("keystone_rxt.rackspace")
    monkeypatch.setattr(module, "RACKPSACE_IDENTITY_V2", f"{emulator.url}/v2.0/tokens")
    return module


class Region(dict[str, Any]):
    """A cache that never forgets."""

    set = dict.__setitem__
    delete = dict.__delitem__


def payload(name: str, **secret: str) -> dict[str, Any]:
    """A login as Keystone passes it on."""
    return {"user": {"name": name, "domain": {"name": "rackspace_cloud_domain"}, **secret}}


def handed_over(module: Any) -> dict[str, str]:
    """What keystone_rxt hands over to Keystone's federation."""
    return dict(module.flask.request.environ)


def test_keystone_rxt_logs_in_in_two_steps(rxt: Any, emulator: Emulator) -> None:
    first = rxt.RXTPassword().authenticate(payload("bob", password="canary-bob-password"))
    assert first.status is False
    assert "RXT_UserName" not in handed_over(rxt)
    with pytest.raises(Refused):
        rxt.RXTTOTP().authenticate(payload("bob", passcode="000000"))
    code = code_at(decode_secret(SECRET), int(MID_STEP) // 30)
    second = rxt.RXTTOTP().authenticate(payload("bob", passcode=code))
    assert second.status is True
    assert handed_over(rxt)["RXT_UserName"] == "bob"
    assert handed_over(rxt)["RXT_DomainID"] == "100"
    assert [entry["status"] for entry in emulator.control.requests()] == [401, 401, 200]


def test_keystone_rxt_logs_in_by_api_key_and_by_password_alone(rxt: Any) -> None:
    assert rxt.RXTPassword().authenticate(payload("bob", password=API_KEY)).status is True
    assert rxt.RXTPassword().authenticate(payload("alice", password="canary-alice-password")).status is True
    with pytest.raises(Refused):
        rxt.RXTPassword().authenticate(payload("alice", password="wrong"))
