# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validating and revoking tokens."""

from __future__ import annotations

from . import access_body
from .call import Call, may_act
from .state import Token
from .wire import Answer, Refusal


def validate(call: Call) -> Answer:
    """`GET /v2.0/tokens/{token}`."""
    token = _named_token(call)
    return Answer(200, access_body.access(call, call.world.users[token.user_id], token))


def revoke(call: Call) -> Answer:
    """`DELETE /v2.0/tokens/{token}`."""
    call.world.revoke([_named_token(call)])
    return Answer(call.behavior.deletion_status)


def _named_token(call: Call) -> Token:
    """The token in the path: the caller's own, or one of a user that the caller may act on."""
    caller = call.caller()
    token = call.world.live_token(call.params["token"])
    if token is None or token.user_id not in call.world.users:
        raise Refusal(404, "Token not found.")
    if not may_act(caller, call.world.users[token.user_id], call.behavior):
        raise Refusal(403, "Not Authorized")
    return token
