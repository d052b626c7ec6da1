# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service answers, as the tests that talk HTTP hand it to `Service.expect`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

LOGIN = "POST /v2.0/tokens"
MFA = "/v2.0/users/u1/RAX-AUTH/multi-factor"
_NAMES = {400: "badRequest", 401: "unauthorized", 403: "forbidden", 404: "itemNotFound"}


def fault(status: int, message: str = "no") -> dict[str, Any]:
    return {"status": status, "body": {_NAMES[status]: {"code": status, "message": message}}}


def access(
    token: str, name: str | None = "Jo", methods: Sequence[str] = (), roles: Sequence[str] = ()
) -> dict[str, Any]:
    user = {"id": "u1", "roles": [{"name": role} for role in roles]} | ({"name": name} if name else {})
    made_by = {"RAX-AUTH:authenticatedBy": list(methods)} if methods else {}
    return {"body": {"access": {"token": {"id": token, **made_by}, "user": user}}}


DEAD = fault(401, "No valid token")
SETUP_NEEDED = fault(403, "User must setup multi-factor")
CHALLENGE = {
    **fault(401, "Additional authentication credentials required"),
    "headers": {"WWW-Authenticate": "OS-MF sessionId='s-1', factor='OTPPASSCODE'"},
}
