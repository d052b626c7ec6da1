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
from ..login.session import Session

_Call = Callable[[], "bool | None"]


def carry_out(
    session: Session,
    doing: str,
    send: _Call,
    look: _Call,
    warn: Callable[[str], None],
    *,
    may_end_token: bool,
) -> None:
    """Make a change, and look at it when its answer is not the service's own.

    When nothing shows it, it is made again, for an answer that proves it.

    :param send: makes the change, and tells whether the answer proves it.
    :param look: tells whether the service shows it; None when it does not tell.
    :param warn: is told when it could not be confirmed.
    :raises TokenRefused: the token is no longer valid, and perhaps the change ended it.
    :raises Unavailable: the service does not show it.
    """
    call = _telling_an_end(session, may_end_token=may_end_token)
    try:
        is_done = call(send)
    except TokenRefused:
        if may_end_token:
            raise perhaps_done(doing) from None
        raise
    try:
        shown = is_done or _shown(session, call, look)
        is_proved = shown is not None or call(send)
    except TokenRefused:
        if not may_end_token:
            raise
        return  # it was good for the change, and died of it
    if shown is False:
        raise not_shown(doing)
    if not is_proved:
        warn(
            f"{doing} could not be confirmed: the service does not tell whether it was done, and its answer was not "
            "the usual one. Check that no gateway, proxy or firewall answers in its place."
        )


def _telling_an_end(session: Session, *, may_end_token: bool) -> Callable[[_Call], bool | None]:
    """What makes calls, and takes a new token that is good for the setup alone, and may not do this, for none."""
    was_for_setup = session.for_setup

    def call(do: _Call) -> bool | None:
        try:
            return do()
        except Forbidden:
            if may_end_token and session.for_setup and not was_for_setup:
                raise TokenRefused("The token is for the setup alone.", status=403) from None
            raise

    return call


def _shown(session: Session, call: Callable[[_Call], bool | None], look: _Call) -> bool | None:
    """Does the service show it? None when it does not tell, or the token may not look."""
    try:
        return call(look)
    except Forbidden:
        if not session.may_be_for_setup:
            raise
        return None


def perhaps_done(doing: str) -> TokenRefused:
    """The exception for a token that is refused when the answer to the change may have been lost."""
    return TokenRefused(
        f"{doing} was refused: the token is not, or no longer, valid. Perhaps it was done, which ends the tokens of a "
        "password, and the answer was lost. Run this again with a new O(auth_token), or with O(username) and "
        "O(password) or O(api_key) beside it.",
        status=401,
    )
