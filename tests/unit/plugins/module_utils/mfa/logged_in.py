# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that logs in by its password, as its service answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LOGIN = "POST /v2.0/tokens"
MFA = "/v2.0/users/u1/RAX-AUTH/multi-factor"


def options(url: str, folder: Path) -> dict[str, Any]:
    """The options of a task for it."""
    account = {"auth_endpoint": url, "username": "jo", "password": "a-password", "state_dir": str(folder)}
    return {**account, "timeout": 1.0, "max_wait": 65.0, "validate_certs": True}


def access(token: str, domain_id: str | None = None) -> dict[str, Any]:
    user = {"id": "u1", "name": "jo"} | ({"RAX-AUTH:domainId": domain_id} if domain_id else {})
    return {"body": {"access": {"token": {"id": token}, "user": user}}}


def fault(status: int, name: str, message: str) -> dict[str, Any]:
    return {"status": status, "body": {name: {"code": status, "message": message}}}
