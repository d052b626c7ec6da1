# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit as one HTML file: counts, a chart, and a table to sort and filter. Private to the collection.

The policy of the page forbids every request, and every script and style but its own two. The data is JSON in which no
character can end its element; the script puts it into the page as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from ...module_utils.mfa.audit import Audit
from ...module_utils.mfa.findings import KINDS
from . import html_parts

_HERE = Path(__file__).parent
_IN_SCRIPT = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def render(audit: Audit) -> str:
    """Return the page."""
    page, style, script = ((_HERE / f"report.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    title = f"MFA audit of domain {audit.domain['id']}"
    return Template(page).substitute(
        policy=escape(_policy(style, script)),
        title=escape(title),
        style=style,
        script=script,
        lead=html_parts.lead(audit),
        coverage=html_parts.coverage(audit.summary),
        tiles=html_parts.tiles(audit.summary),
        chart=html_parts.chart(audit),
        notes=html_parts.notes([finding for finding in audit.findings if finding["user_id"] is None]),
        options=html_parts.options(audit),
        data=_data(audit),
    )


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src {_source(style)}; "
        f"script-src {_source(script)}; require-trusted-types-for 'script'"
    )


def _source(text: str) -> str:
    """Return what allows exactly this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def _data(audit: Audit) -> str:
    findings: dict[str | None, list[list[str]]] = {}
    for finding in audit.findings:
        findings.setdefault(finding["user_id"], []).append([finding[key] for key in ("kind", "detail", "next")])
    kinds = {name: kind._asdict() for name, kind in KINDS.items()}
    users = [_user(user, findings.get(user["id"], [])) for user in audit.users]
    text = json.dumps({"kinds": kinds, "users": users}, separators=(",", ":"), ensure_ascii=False)
    return text.translate(_IN_SCRIPT)


def _user(user: dict[str, Any], findings: list[list[str]]) -> dict[str, Any]:
    devices, stored, mfa = user["otp_devices"], user["stored"], user["mfa"]
    return {
        "name": user["name"],
        "id": user["id"],
        "mfa": _state(user),
        "factor": mfa["factor_type"],
        "level": mfa["enforcement_level"],
        "devices": None if devices is None else len(devices),
        "verified": None if devices is None else sum(device["verified"] for device in devices),
        "stored": stored is not None,
        "age": stored["age_days"] if stored else None,
        "findings": findings,
    }


def _state(user: dict[str, Any]) -> str:
    if not user["enabled"]:
        return "disabled"
    if not user["mfa"]["enabled"]:
        return "off"
    return "locked" if user["mfa"]["state"] == "LOCKED" else "on"
