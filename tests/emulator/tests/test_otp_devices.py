# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, OTP devices."""

from __future__ import annotations

import base64
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .helpers import Service, assert_refused

ROOT = "RAX-AUTH:otpDevice"
# name, and how the key URI writes it: only what no URI may hold is quoted
NAMES = [
    pytest.param("ansible", "ansible", id="plain"),
    pytest.param("my phone", "my%20phone", id="space"),
    pytest.param("a?b&c=d#e", "a?b&c=d#e", id="left-as-it-is"),
    pytest.param("secret=X&issuer=Y", "secret=X&issuer=Y", id="looks-like-a-query"),
    pytest.param("[x]", "%5Bx%5D", id="brackets"),
    pytest.param("a:b/c", "a:b/c", id="colon-and-slash"),
    pytest.param("50%", "50%25", id="per-cent"),
    pytest.param("Käthe ☎", "K%C3%A4the%20%E2%98%8E", id="non-ascii"),
    pytest.param('"<>\\^`{|}', "%22%3C%3E%5C%5E%60%7B%7C%7D", id="illegal"),
]


def test_creation_answers_with_the_device_and_its_location(service: Service) -> None:
    path = service.mfa("alice", "/otp-devices")
    answer = service.call("POST", path, {ROOT: {"name": "n"}}, service.key_token("alice"))
    device = answer.json()[ROOT]
    assert answer.status_code == 201
    assert set(device) == {"id", "name", "verified", "keyUri", "qrcode"}
    assert (device["name"], device["verified"]) == ("n", False)
    assert answer.headers["Location"] == f"{service.emulator.url}/v2.0{path}/{device['id']}"


def test_creation_may_answer_200_with_a_misleading_location(service: Service) -> None:
    service.control.behave(creation_status=200, location="misleading")
    path = service.mfa("alice", "/otp-devices")
    answer = service.call("POST", path, {ROOT: {"name": "n"}}, service.key_token("alice"))
    assert answer.status_code == 200
    assert not answer.headers["Location"].endswith(answer.json()[ROOT]["id"])


@pytest.mark.parametrize(("name", "quoted"), NAMES)
def test_key_uri(service: Service, name: str, quoted: str) -> None:
    device = service.create("alice", name)
    assert device["keyUri"] == f"otpauth://totp/Rackspace:{quoted}?secret={device['secret']}&issuer=Rackspace"
    assert len(base64.b32decode(device["secret"])) == 20


@pytest.mark.skipif(not shutil.which("zbarimg"), reason="zbarimg (Debian: zbar-tools) is not installed")
@pytest.mark.parametrize("name", ["ansible", "Käthe's phone?", "☎" * 200], ids=["short", "odd", "longest"])
def test_qr_code_reads_as_the_key_uri(service: Service, name: str, tmp_path: Path) -> None:
    device = service.create("alice", name)
    image = tmp_path / "qr.png"
    image.write_bytes(png_of(device))
    read = subprocess.run(["zbarimg", "-q", "--raw", str(image)], capture_output=True, check=True)
    assert read.stdout.decode().strip() == device["keyUri"]


def png_of(device: dict[str, Any]) -> bytes:
    """The image in a creation's answer."""
    head, _unused, data = device["qrcode"].partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(data, validate=True)


def test_qr_code_has_the_size_of_the_service(service: Service) -> None:
    image = png_of(service.create("alice"))
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", image[16:24]) == (640, 640)


def test_secret_is_in_no_other_answer(service: Service) -> None:
    token = service.key_token("alice")
    device = service.create("alice", token=token)
    for path in ("/otp-devices", f"/otp-devices/{device['id']}", "/devices"):
        answer = service.call("GET", service.mfa("alice", path), token=token)
        assert answer.status_code == 200
        assert device["secret"] not in answer.text
        assert "keyUri" not in answer.text


@pytest.mark.parametrize("name", ["", "  ", "\t\n", "\u2003"], ids=["empty", "spaces", "control", "em-space"])
def test_blank_name_is_refused(service: Service, name: str) -> None:
    answer = service.call(
        "POST", service.mfa("alice", "/otp-devices"), {ROOT: {"name": name}}, service.key_token("alice")
    )
    assert_refused(answer, 400, "badRequest", "Must provide a name for an OTP device")


@pytest.mark.parametrize(
    "body",
    [{ROOT: {"name": 1}}, {ROOT: {"name": "n", "verified": True}}, {"otpDevice": {"name": "n"}}, {ROOT.lower(): {}}],
    ids=["number", "unknown-member", "no-prefix", "lower-case"],
)
def test_wrong_creation_is_refused(service: Service, body: Any) -> None:
    answer = service.call("POST", service.mfa("alice", "/otp-devices"), body, service.key_token("alice"))
    assert_refused(answer, 400, "badRequest")
    assert service.control.user("alice")["otp_devices"] == []


def test_missing_name_is_a_blank_one(service: Service) -> None:
    answer = service.call("POST", service.mfa("alice", "/otp-devices"), {ROOT: {}}, service.key_token("alice"))
    assert_refused(answer, 400, "badRequest", "Must provide a name for an OTP device")


def test_name_that_no_qr_code_holds_is_refused(service: Service) -> None:
    body = {ROOT: {"name": "n" * 201}}
    answer = service.call("POST", service.mfa("alice", "/otp-devices"), body, service.key_token("alice"))
    assert_refused(answer, 400, "badRequest")


def test_names_are_not_unique(service: Service) -> None:
    first, second = service.create("alice", "n"), service.create("alice", "n")
    assert first["id"] != second["id"]
    assert first["secret"] != second["secret"]


def test_names_may_have_to_be_unique(service: Service) -> None:
    service.control.behave(duplicate_names="refused")
    device = service.create("alice", "n")
    token, path = service.key_token("alice"), service.mfa("alice", "/otp-devices")
    assert_refused(service.call("POST", path, {ROOT: {"name": "n"}}, token), 400, "badRequest", "unique")
    service.create("bob", "n")
    service.call("DELETE", f"{path}/{device['id']}", token=token)
    assert service.call("POST", path, {ROOT: {"name": "n"}}, token).status_code == 201


def test_fewer_devices_may_be_allowed(service: Service) -> None:
    service.control.behave(most_devices=2)
    token, path = service.key_token("alice"), service.mfa("alice", "/otp-devices")
    statuses = [service.call("POST", path, {ROOT: {"name": "n"}}, token).status_code for _unused in range(3)]
    assert statuses == [201, 201, 400]


def test_sixth_device_is_refused(service: Service) -> None:
    devices = [service.create("alice", f"d{number}") for number in range(5)]
    token, path = service.key_token("alice"), service.mfa("alice", "/otp-devices")
    answer = service.call("POST", path, {ROOT: {"name": "d6"}}, token)
    assert_refused(answer, 400, "badRequest", "You have added the maximum number of devices allowed for your profile")
    service.call("DELETE", f"{path}/{devices[0]['id']}", token=token)
    assert service.call("POST", path, {ROOT: {"name": "d6"}}, token).status_code == 201


@pytest.mark.parametrize("name", ["a[b", "a]b"])
def test_bracket_in_a_name_may_answer_500_after_storing(service: Service, name: str) -> None:
    service.control.behave(bracket_names="fail")
    token, path = service.key_token("alice"), service.mfa("alice", "/otp-devices")
    assert_refused(service.call("POST", path, {ROOT: {"name": name}}, token), 500, "identityFault")
    assert [device["name"] for device in listed(service)] == [name]
    assert service.call("POST", path, {ROOT: {"name": "plain"}}, token).status_code == 201


def listed(service: Service) -> list[dict[str, Any]]:
    """Alice's devices as the service lists them."""
    answer = service.call("GET", service.mfa("alice", "/otp-devices"), token=service.key_token("alice"))
    return list(answer.json()["RAX-AUTH:otpDevices"])


def test_list_and_single_device_show_three_members(service: Service) -> None:
    device = service.create("alice")
    shown = {"id": device["id"], "name": "phone app", "verified": False}
    path = service.mfa("alice", f"/otp-devices/{device['id']}")
    assert listed(service) == [shown]
    assert service.call("GET", path, token=service.key_token("alice")).json() == {ROOT: shown}


def test_order_of_the_list_is_not_defined(service: Service) -> None:
    made = [service.create("alice", f"d{number}")["id"] for number in range(4)]
    orders = {tuple(device["id"] for device in listed(service)) for _unused in range(30)}
    assert len(orders) > 1
    service.control.behave(list_order="creation")
    assert [device["id"] for device in listed(service)] == made
    service.control.behave(list_order="reversed")
    assert [device["id"] for device in listed(service)] == made[::-1]


def test_list_may_come_back_empty_by_mistake(service: Service) -> None:
    service.control.behave(empty_device_lists=2)
    assert listed(service) == []
    service.create("alice")
    assert [len(listed(service)) for _unused in range(4)] == [0, 0, 1, 1]
    service.control.behave(empty_device_lists=1)
    assert [len(listed(service)) for _unused in range(2)] == [0, 1]


def test_all_devices_lists_both_kinds(service: Service) -> None:
    phone, device = service.add_phone("alice"), service.create("alice")
    answer = service.call("GET", service.mfa("alice", "/devices"), token=service.key_token("alice"))
    assert answer.json()["RAX-AUTH:multiFactorDevices"] == {
        "otpDevices": [{"id": device["id"], "name": "phone app", "verified": False}],
        "mobilePhones": [{**phone, "verified": True}],
    }
