# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports: what a name can do in them (nothing), how files are written, and what is in them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.audit import Audit
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.host_names import NOTHING
from ansible_collections.rackspace.identity.plugins.plugin_utils import auditing
from ansible_collections.rackspace.identity.plugins.plugin_utils.reports import Reports, csv_table, html_page
from ansible_collections.rackspace.identity.plugins.plugin_utils.stored_places import StoredPlaces
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.mfa.audits import (
    OWN,
    audited,
    user,
)

SCRIPT = "</script><script>document.title='ran'</script>"
FORMULA = "=cmd|'/C calc'!A0"


def hostile(name: str) -> Audit:
    return audited(user(name, on=False), user("bob"), level="OPTIONAL")


def rows(audit: Audit) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_table.render(audit))))


@pytest.mark.parametrize("name", [FORMULA, "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "|x", "\uff1d1"])
def test_no_cell_is_a_formula(name: str) -> None:
    text = csv_table.render(hostile(name))
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not re.match(r"[\s]*[=+\-@|\uff1d]", cell), cell
    assert rows(hostile(FORMULA))[0]["account"] == f"'{FORMULA}"


@pytest.mark.parametrize("separator", [";", "; ", "|", ",", "\t", ";\t"])
def test_no_cell_is_a_formula_for_a_spreadsheet_that_splits_elsewhere(separator: str) -> None:
    bob, name = user("bob"), f"dev{separator}{FORMULA}"
    text = csv_table.render(audited(bob, devices={bob.id: (OWN, Device("d2", name, verified=False))}))
    assert "calc" in text
    for cell in re.split(f"[{separator.strip() or separator}]", text):
        assert not re.match(r"[\s\"]*[=+\-@|\uff1d]", cell), cell


def test_csv_has_a_row_for_each_user_and_for_what_belongs_to_none() -> None:
    found = rows(hostile("alice"))
    assert [row["account"] for row in found] == ["alice", "bob", "domain 100"]
    assert [row["findings"] for row in found] == ["no_mfa", "", "weak_policy"]
    assert [row["mfa"] for row in found] == ["off", "on", ""]


def parts(page: str) -> dict[str, str]:
    found = re.findall(r"<(style|script)(?: [^>]*)?>(.*?)</\1>", page, re.DOTALL)
    assert [tag for tag, _text in found] == ["style", "script", "script"]
    return {"style": found[0][1], "data": found[1][1], "script": found[2][1]}


def test_names_are_data_in_the_page() -> None:
    page = html_page.render(hostile(SCRIPT))
    assert json.loads(parts(page)["data"])["users"][0]["name"] == SCRIPT
    assert "document.title" not in page.replace(parts(page)["data"], "")
    assert "<" not in parts(page)["data"]


def test_a_level_that_is_not_told_is_no_reason_not_to_write(
    tmp_path: Path,
) -> None:
    audit = audited(user("bob"), level=None)
    assert len(Reports([str(tmp_path / f"r.{ending}") for ending in ("json", "csv", "html")]).write(audit)) == 3
    assert "level is <strong>not told</strong>" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "is not told by the service and should be REQUIRED" in (tmp_path / "r.csv").read_text(encoding="utf-8")


def test_domain_ids_are_text_in_the_page() -> None:
    audit = hostile("alice")
    page = html_page.render(audit._replace(domain={**audit.domain, "id": SCRIPT, "name": SCRIPT}))
    assert SCRIPT not in page
    parts(page)


def test_page_allows_itself_and_nothing_else() -> None:
    page = html_page.render(hostile("alice"))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src &#x27;none&#x27;; ")
    assert policy[1].count("sha256-") == 2
    assert "unsafe" not in policy[1]
    outside = page.replace(parts(page)["data"], "")
    assert not re.search(r"https?://(?!www\.gnu\.org)|\bsrc=|url\(|@import|\bstyle=|\bon\w+=", outside)


def test_the_same_audit_gives_the_same_page() -> None:
    assert html_page.render(hostile("alice")) == html_page.render(hostile("alice"))


def test_what_to_do_is_that_of_the_finding_and_not_of_its_kind() -> None:
    audit = audited(user("fay", on=False), devices={"id-of-fay": None})
    told = [finding["next"] for finding in audit.findings]
    (fay,) = json.loads(parts(html_page.render(audit))["data"])["users"]
    assert [what_next for _kind, _detail, what_next in fay["findings"]] == told
    assert "enroll" not in " ".join(told)


@pytest.mark.parametrize("ending", ["json", "csv", "html", "HTML"])
def test_files_are_for_their_owner_and_replaced_whole(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"report.{ending}"
    file.write_text("old")
    file.chmod(0o644)
    assert Reports([str(file)]).write(hostile("alice")) == [str(file)]
    assert "alice" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    link = tmp_path / "report.json"
    link.symlink_to(other)
    Reports([str(link)]).write(hostile("alice"))
    assert other.read_text() == "mine"
    assert not link.is_symlink()


@pytest.mark.parametrize(("name", "says"), [("r.pdf", "must end with"), ("r", "must end with"), ("x/r.csv", "folder")])
def test_what_can_not_be_written_is_refused_before_anything_is_read(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        Reports([str(tmp_path / name)])


def test_json_is_the_result(tmp_path: Path) -> None:
    audit: Any = hostile("alice")
    Reports([str(tmp_path / "r.json")]).write(audit)
    assert json.loads((tmp_path / "r.json").read_text()) == json.loads(json.dumps(audit._asdict()))


@pytest.mark.parametrize("ending", ["json", "csv", "html"])
def test_a_key_that_the_service_repeats_in_names_is_in_no_report(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen masks it in the same places."""
    key, bob, ann = "canary-key", user("bob", state="canary-key", enforcement_level="of canary-key"), user("canary-key")
    found = (OWN, Device("d2", f"my {key}", verified=False))
    outcome = audited(bob, ann, devices={bob.id: found, ann.id: found}, level=key)
    outcome = outcome._replace(domain={**outcome.domain, "name": key})
    monkeypatch.setattr(auditing, "open_session", lambda _module: contextlib.nullcontext())
    monkeypatch.setattr(auditing, "_outcome", lambda *_unused: outcome)
    file = tmp_path / f"report.{ending}"
    params = {"threads": 1, "report": [str(file)], "vault_files": None}
    module: Any = SimpleNamespace(
        params=params,
        check_mode=False,
        no_log_values={key, "2", "low", "unverified_device"},
        public_names={"bob"},
        warn=print,
    )
    action = object.__new__(auditing.AuditAction)
    action._places, action._taken = StoredPlaces(VaultLib(None), None), NOTHING
    told = action._work(module)
    assert (told["reports"], told["users"]) == ([str(file)], outcome.users)
    written = file.read_text(encoding="utf-8")
    assert "canary" not in written
    assert "bob" in written
    assert "unverified_device" in written, "a word of ours that playbooks and the page match"
