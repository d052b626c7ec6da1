# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `rax_otp_qr` refuses before a device is made, and which file it removes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import segno

from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import play

SECRET = {"secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "device_name": "phone", "username": "jane"}
STORE = {"store": {"type": "vault_file", "path": "store.yml", "variable": "entry"}}
OTHERS = {"secret": "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU", "device_name": "phone", "username": "jane"}


def qr_code(folder: Path, kind: str, **options: Any) -> dict[str, Any]:
    """Run the action; a file is `code` in the folder."""
    path = {} if kind == "terminal" else {"path": str(folder / "code")}
    return play("rax_otp_qr", {"format": kind, **path, **options}, folder)


def refusal(result: dict[str, Any]) -> str:
    """Return why it failed, or nothing."""
    return str(result["msg"]) if result.get("failed") else ""


@pytest.mark.parametrize(
    ("options", "words"),
    [({}, "The QR code can't be shown"), (STORE, ""), ({"secret": SECRET}, ""), ({"state": "absent"}, "")],
    ids=["nothing keeps it", "stored later", "known", "not shown"],
)
def test_a_code_that_no_terminal_can_show_is_refused_if_nothing_keeps_the_secret(
    tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    said = refusal(qr_code(tmp_path, "terminal", only_check=True, **options))
    assert (words in said, bool(said)) == (True, bool(words))


@pytest.mark.parametrize("kind", ["png", "html"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "code: it is there already"),
        (STORE, "code: it is there already"),
        ({"secret": OTHERS}, "code: it is there already"),
        ({"secret": SECRET}, ""),
        ({"state": "absent"}, ""),
    ],
    ids=["no secret yet", "nothing stored yet", "another secret", "the same secret", "to be removed"],
)
def test_a_file_that_could_not_be_replaced_is_refused(
    tmp_path: Path, kind: str, options: dict[str, Any], words: str
) -> None:
    qr_code(tmp_path, kind, secret=SECRET)
    before = (tmp_path / "code").read_bytes()
    said = refusal(qr_code(tmp_path, kind, only_check=True, **options))
    assert (words in said, bool(said)) == (True, bool(words))
    assert (tmp_path / "code").read_bytes() == before


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("only_check", [True, False])
def test_a_folder_is_refused_and_stays(tmp_path: Path, state: str, *, only_check: bool) -> None:
    (tmp_path / "code").mkdir()
    result = qr_code(
        tmp_path, "html", state=state, only_check=only_check, secret=SECRET if state == "present" else None
    )
    assert "not a regular file" in refusal(result)
    assert (tmp_path / "code").is_dir()


def test_a_check_writes_no_file(tmp_path: Path) -> None:
    assert not refusal(qr_code(tmp_path, "html", only_check=True))
    assert not (tmp_path / "code").exists()


@pytest.mark.parametrize("kind", ["png", "html"])
def test_the_code_of_an_unknown_secret_is_removed_once(tmp_path: Path, kind: str) -> None:
    qr_code(tmp_path, kind, secret=SECRET)
    assert qr_code(tmp_path, kind, state="absent")["changed"] is True
    assert not (tmp_path / "code").exists()
    assert qr_code(tmp_path, kind, state="absent")["changed"] is False


def picture(**options: Any) -> bytes:
    """A picture that is no QR code of ours."""
    out = io.BytesIO()
    segno.make("mine", micro=False).save(out, kind="png", dark="red", **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("html", b"<!DOCTYPE html>\n<title>mine</title>"),
        ("html", b"mfa_otp_secret: mine"),
        ("png", picture()),
        ("png", b"mine"),
    ],
    ids=["page", "text as page", "picture", "text as picture"],
)
def test_a_file_that_is_no_code_of_a_device_stays(tmp_path: Path, kind: str, content: bytes) -> None:
    (tmp_path / "code").write_bytes(content)
    assert qr_code(tmp_path, kind, state="absent")["changed"] is False
    assert (tmp_path / "code").read_bytes() == content


@pytest.mark.parametrize("options", [{"secret": ""}, STORE], ids=["empty", "nothing stored"])
def test_a_secret_that_was_meant_and_is_not_there_removes_nothing(tmp_path: Path, options: dict[str, Any]) -> None:
    qr_code(tmp_path, "html", secret=SECRET)
    assert "nothing to draw" in refusal(qr_code(tmp_path, "html", state="absent", **options))
    assert (tmp_path / "code").exists()
