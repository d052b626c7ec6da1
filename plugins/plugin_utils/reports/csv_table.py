# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit as CSV, for spreadsheets: one row for each user, then one for each finding that belongs to none.

Private to the collection.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from ...module_utils.mfa.audit import Audit

COLUMNS = (
    "account",
    "user_id",
    "enabled",
    "mfa",
    "factor",
    "state",
    "level",
    "devices",
    "verified_devices",
    "stored_in",
    "secret_age_days",
    "bypass_codes",
    "findings",
    "details",
    "next",
)
# What spreadsheets take for a formula, with the wide forms that some of them read the same way. A cell begins at the
# beginning of a value, and within it for a spreadsheet that splits lines at another character than the comma.
_FORMULA = re.compile(r"""(?:^|(?<=[;,|"]))(\s*)(?=[=+@|%\uff1d\uff0b\uff0d\uff20-])""")


def render(audit: Audit) -> str:
    """Return the audit as CSV text. No cell can become a formula."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(audit):
        writer.writerow([_cell(row.get(column)) for column in COLUMNS])
    return file.getvalue()


def _rows(audit: Audit) -> Iterator[dict[str, Any]]:
    findings: dict[str | None, list[dict[str, Any]]] = {}
    for finding in audit.findings:
        findings.setdefault(finding["user_id"], []).append(finding)
    for user in audit.users:
        yield {**_user(user), **_told(findings.get(user["id"], []))}
    for finding in findings.get(None, []):
        yield {"account": finding["subject"], "stored_in": finding["source"], **_told([finding])}


def _user(user: dict[str, Any]) -> dict[str, Any]:
    devices, stored, mfa = user["otp_devices"], user["stored"] or {}, user["mfa"]
    return {
        "account": user["name"],
        "user_id": user["id"],
        "enabled": "yes" if user["enabled"] else "no",
        "mfa": "on" if mfa["enabled"] else "off",
        "factor": mfa["factor_type"],
        "state": mfa["state"],
        "level": mfa["enforcement_level"],
        "devices": None if devices is None else len(devices),
        "verified_devices": None if devices is None else sum(device["verified"] for device in devices),
        "stored_in": stored.get("source"),
        "secret_age_days": stored.get("age_days"),
        "bypass_codes": stored.get("bypass_codes"),
    }


def _told(findings: list[dict[str, Any]]) -> dict[str, str]:
    return {
        "findings": "; ".join(finding["kind"] for finding in findings),
        "details": " ".join(finding["detail"] for finding in findings),
        "next": " ".join(dict.fromkeys(finding["next"] for finding in findings)),
    }


def _cell(value: Any) -> str:
    """Return a value as text on one line. An apostrophe in front keeps a spreadsheet from computing it."""
    text = "" if value is None else " ".join(str(value).split())
    return _FORMULA.sub(r"\1'", text)
