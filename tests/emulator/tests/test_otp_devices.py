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

from .helpers import OTP_DEVICE, Service, assert_refused

BLANK = "Must provide a name for an OTP device"
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
    answer = service.add_device("alice", "n")
    device = answer.json()[OTP_DEVICE]
    assert answer.status_code == 201
    assert set(device) == {"id", "name", "verified", "keyUri", "qrcode"}
    assert (device["name"], device["verified"]) == ("n", False)
    assert answer.headers["Location"] == f"{answer.url}/{device['id']}"


def test_creation_may_answer_200_with_a_misleading_location(service: Service) -> None:
    service.control.behave(creation_status=200, location="misleading")
    answer = service.add_device("alice")
    assert answer.status_code == 200
    assert not answer.headers["Location"].endswith(answer.json()[OTP_DEVICE]["id"])


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


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({OTP_DEVICE: {"name": ""}}, BLANK, id="empty"),
        pytest.param({OTP_DEVICE: {"name": "  "}}, BLANK, id="spaces"),
        pytest.param({OTP_DEVICE: {"name": "\t\n"}}, BLANK, id="control"),
        pytest.param({OTP_DEVICE: {"name": "\u2003"}}, BLANK, id="em-space"),
        pytest.param({OTP_DEVICE: {}}, BLANK, id="no-name"),
        pytest.param({OTP_DEVICE: {"name": "n" * 201}}, "at most 200", id="longer-than-a-qr-code-holds"),
        pytest.param({OTP_DEVICE: {"name": 1}}, "wrong type", id="number"),
        pytest.param({OTP_DEVICE: {"name": "n", "verified": True}}, "unknown member", id="unknown-member"),
        pytest.param({"otpDevice": {"name": "n"}}, "root element", id="no-prefix"),
        pytest.param({OTP_DEVICE.lower(): {"name": "n"}}, "root element", id="lower-case"),
    ],
)
def test_blank_name_or_wrong_body_is_refused(service: Service, body: Any, words: str) -> None:
    answer = service.call("POST", service.mfa("alice", "/otp-devices"), body, service.key_token("alice"))
    assert_refused(answer, 400, "badRequest", words)
    assert service.stored("alice") == 0


def test_names_are_not_unique(service: Service) -> None:
    first, second = service.create("alice", "n"), service.create("alice", "n")
    assert first["id"] != second["id"]
    assert first["secret"] != second["secret"]


def test_names_may_have_to_be_unique(service: Service) -> None:
    service.control.behave(duplicate_names="refused")
    device = service.create("alice", "n")
    assert_refused(service.add_device("alice", "n"), 400, "badRequest", "unique")
    service.create("bob", "n")
    service.delete("alice", f"/otp-devices/{device['id']}")
    assert service.add_device("alice", "n").status_code == 201


@pytest.mark.parametrize("most", [5, 2])
def test_one_device_too_many_is_refused(service: Service, most: int) -> None:
    service.control.behave(most_devices=most)
    devices = [service.create("alice", f"d{number}") for number in range(most)]
    words = "You have added the maximum number of devices allowed for your profile"
    assert_refused(service.add_device("alice"), 400, "badRequest", words)
    service.delete("alice", f"/otp-devices/{devices[0]['id']}")
    assert service.add_device("alice").status_code == 201


@pytest.mark.parametrize("name", ["a[b", "a]b"])
def test_bracket_in_a_name_may_answer_500_after_storing(service: Service, name: str) -> None:
    service.control.behave(bracket_names="fail")
    assert_refused(service.add_device("alice", name), 500, "identityFault")
    assert [device["name"] for device in service.devices("alice")] == [name]
    assert service.add_device("alice", "plain").status_code == 201


def test_list_and_single_device_show_three_members(service: Service) -> None:
    device = service.create("alice")
    shown = {"id": device["id"], "name": "phone app", "verified": False}
    path = service.mfa("alice", f"/otp-devices/{device['id']}")
    assert service.devices("alice") == [shown]
    assert service.call("GET", path, token=service.key_token("alice")).json() == {OTP_DEVICE: shown}


def test_order_of_the_list_is_not_defined(service: Service) -> None:
    made = [service.create("alice", f"d{number}")["id"] for number in range(4)]
    orders = {tuple(device["id"] for device in service.devices("alice")) for _unused in range(30)}
    assert len(orders) > 1
    service.control.behave(list_order="creation")
    assert [device["id"] for device in service.devices("alice")] == made
    service.control.behave(list_order="reversed")
    assert [device["id"] for device in service.devices("alice")] == made[::-1]


def test_list_may_come_back_empty_by_mistake(service: Service) -> None:
    service.control.behave(empty_device_lists=2)
    assert service.devices("alice") == []
    service.create("alice")
    assert [len(service.devices("alice")) for _unused in range(4)] == [0, 0, 1, 1]
    service.control.behave(empty_device_lists=1)
    assert [len(service.devices("alice")) for _unused in range(2)] == [0, 1]


def test_all_devices_lists_both_kinds(service: Service) -> None:
    phone, device = service.add_phone("alice"), service.create("alice")
    answer = service.call("GET", service.mfa("alice", "/devices"), token=service.key_token("alice"))
    assert answer.json()["RAX-AUTH:multiFactorDevices"] == {
        "otpDevices": [{"id": device["id"], "name": "phone app", "verified": False}],
        "mobilePhones": [{**phone, "verified": True}],
    }
