# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes that may end the token that makes them. Private to the collection.

Source: contract, "Settings". MFA that is turned on ends the tokens that a password gave, and so does a level that makes
MFA a duty while it is off.
"""

from __future__ import annotations

from collections.abc import Callable

from ..api.calls import not_shown
from ..api.errors import Forbidden, TokenRefused
from ..api.model import Scope
from ..login.session import Session


def carry_out(
    session: Session, doing: str, send: Callable[[], bool], look: Callable[[], bool], *, may_end_token: bool
) -> None:
    """Make a change, and look at it when its answer is not the service's own.

    :param send: makes the change, and tells whether the answer proves it.
    :param look: tells whether the service shows it.
    :raises TokenRefused: the token is no longer valid, and perhaps the change ended it.
    :raises Unavailable: the service does not show it.
    """
    former_scope = session.scope

    def without_setup(call: Callable[[], bool]) -> bool:
        """Take a new token that is good for the setup alone, and may not do this, for none."""
        try:
            return call()
        except Forbidden:
            if may_end_token and former_scope is None and session.scope is Scope.SETUP_MFA:
                raise TokenRefused("The token is for the setup alone.", status=403) from None
            raise

    try:
        is_done = without_setup(send)
    except TokenRefused:
        if may_end_token:
            raise perhaps_done(doing) from None
        raise
    try:
        is_done = is_done or without_setup(look)
    except TokenRefused:
        if not may_end_token:
            raise
        return  # it was good for the change, and died of it
    if not is_done:
        raise not_shown(doing)


def perhaps_done(doing: str) -> TokenRefused:
    """The exception for a token that is refused when the answer to the change may have been lost."""
    return TokenRefused(
        f"{doing} was refused: the token is not, or no longer, valid. Perhaps it was done, which ends the tokens of a "
        "password, and the answer was lost. Run this again with a new O(auth_token), or with O(username) and "
        "O(password) or O(api_key) beside it.",
        status=401,
    )
