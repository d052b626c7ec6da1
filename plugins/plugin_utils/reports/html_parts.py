# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the HTML report that need no script: the summary, the tiles and the charts. Private to the collection.

Every value goes through `escape`. Styles are classes and SVG attributes: the policy of the page refuses `style`.
"""

from __future__ import annotations

import math
from collections import Counter
from html import escape
from typing import Any

from ...module_utils.mfa.audit import Audit
from ...module_utils.mfa.findings import KINDS, SEVERITIES

_RADIUS = 62
_MOST_NOTES = 100


def lead(audit: Audit) -> str:
    """Return when this was read, and the policy."""
    domain, summary = audit.domain, audit.summary
    name = f" ({escape(domain['name'])})" if domain["name"] not in (None, domain["id"]) else ""
    at = summary["at"].replace("T", " ").replace("Z", " UTC")
    stores = f"{summary['entries']:,} stored entries" if summary["entries"] else "no stored entries"
    read = "OTP devices read" if summary["devices_read"] else "OTP devices not read"
    return (
        f"Read at <strong>{escape(at)}</strong>{name}. The domain's enforcement level is "
        f"<strong>{escape(domain['enforcement_level'] or 'not told')}</strong>. {read}, {stores}."
    )


def coverage(summary: dict[str, Any]) -> str:
    """Return a ring that shows how many of the active users have MFA."""
    active = summary["mfa_on"] + summary["mfa_off"]
    share = summary["mfa_on"] / active if active else 0.0
    around = 2 * math.pi * _RADIUS
    # 99.96 % is not all: round down.
    percent = math.floor(share * 1000) / 10
    shown = f"{percent:.0f}" if percent == int(percent) else f"{percent:.1f}"
    ring = f'cx="80" cy="80" r="{_RADIUS}" fill="none" stroke-width="16"'
    return (
        f'<svg viewBox="0 0 160 160" width="190" height="190" role="img" aria-label="{shown} % of the active users">'
        f'<circle class="ring-off" {ring}/>'
        f'<circle class="ring-on" {ring} transform="rotate(-90 80 80)" '
        f'stroke-dasharray="{share * around:.2f} {around:.2f}"/>'
        f'<text class="share" x="80" y="84" text-anchor="middle">{shown}%</text>'
        '<text class="soft" x="80" y="103" text-anchor="middle">with MFA</text></svg>'
        f"<p>{summary['mfa_on']:,} of {active:,} active users</p>"
    )


def tiles(summary: dict[str, Any]) -> str:
    """Return the counts at a glance."""
    severities, factors = summary["severities"], summary["factors"]
    disabled = f"{summary['disabled']:,} disabled"
    by_factor = f"{factors['OTP']:,} OTP, {factors['SMS']:,} SMS, {factors['unknown']:,} unknown"
    counts = (
        ("Users", summary["users"], disabled, ""),
        ("MFA on", summary["mfa_on"], by_factor, "fine"),
        ("MFA off", summary["mfa_off"], "active users without a second factor", "bad"),
        ("Locked", summary["locked"], "by wrong passcodes", "warn"),
        ("Need work", summary["with_findings"], "accounts with a finding", "warn"),
        ("Severe findings", severities["high"], f"{severities['medium']:,} medium, {severities['low']:,} low", "bad"),
    )
    return "".join(
        f'<div class="card tile {look if count else ""}"><dt>{name}</dt><dd>{count:,}</dd><small>{more}</small></div>'
        for name, count, more, look in counts
    )


def chart(audit: Audit) -> str:
    """Return a bar for each kind of finding. Those of accounts are buttons that filter the table."""
    kinds, of_users = audit.summary["kinds"], kinds_of_users(audit)
    most = max(kinds.values(), default=0)
    if not most:
        return '<p class="empty">Nothing was found. Every account is as it should be.</p>'
    legend = "".join(f'<li class="{severity}">{severity.capitalize()}</li>' for severity in SEVERITIES)
    bars = "".join(_bar(kind, count, most, filters=bool(of_users[kind])) for kind, count in kinds.items() if count)
    return f'{bars}<ul class="legend">{legend}</ul>'


def _bar(kind: str, count: int, most: int, *, filters: bool) -> str:
    known, width = KINDS[kind], max(100 * count / most, 0.6)
    opening, closing = f'button type="button" data-kind="{kind}"' if filters else "div", "button" if filters else "div"
    return (
        f'<{opening} class="bar" title="{escape(known.next)}"><b>{escape(known.title)}</b>'
        '<svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="14" rx="1"/>'
        f'<rect class="{known.severity}" width="{width:.2f}" height="14" rx="1"/></svg>'
        f'<span class="number">{count:,}</span></{closing}>'
    )


def kinds_of_users(audit: Audit) -> Counter[str]:
    """Return how many findings of accounts there are of each kind; the others are no rows of the table."""
    return Counter(finding["kind"] for finding in audit.findings if finding["user_id"] is not None)


def notes(findings: list[dict[str, Any]]) -> str:
    """Return the findings that belong to no user: those of the domain, and of entries without an account."""
    if not findings:
        return ""
    lines = [
        f'<li><span class="chip {finding["severity"]}">{escape(finding["title"])}</span> '
        f"<strong>{escape(finding['subject'])}</strong>: {escape(finding['detail'])}"
        f"{' ' + escape(finding['source']) + '.' if finding['source'] else ''} {escape(finding['next'])}</li>"
        for finding in findings[:_MOST_NOTES]
    ]
    if len(findings) > _MOST_NOTES:
        lines.append(f"<li>{len(findings) - _MOST_NOTES:,} more are in the CSV and JSON reports.</li>")
    return f'<section class="card section"><h2>Domain and stores</h2><ul class="notes">{"".join(lines)}</ul></section>'


def options(audit: Audit) -> str:
    """Return the choices of the filter by finding."""
    of_users = kinds_of_users(audit)
    return "".join(
        f'<option value="{kind}">{escape(known.title)} ({of_users[kind]:,})</option>'
        for kind, known in KINDS.items()
        if of_users[kind]
    )
