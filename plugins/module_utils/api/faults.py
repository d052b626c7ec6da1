# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an answer that is no success to an exception. Private to the collection (contract, "Faults")."""

from __future__ import annotations

from .errors import (
    Conflict,
    Forbidden,
    IdentityError,
    InvalidAnswer,
    NotFound,
    RateLimited,
    SetupRequired,
    TokenRefused,
    Unavailable,
)
from .wire import Answer, fault, retry_after

SETUP_NEEDED = "setup multi-factor"

_MEANINGS: dict[int, tuple[type[IdentityError], str]] = {
    400: (Conflict, "was refused"),
    401: (TokenRefused, "was refused: the token is not, or no longer, valid. Log in again"),
    403: (Forbidden, "is forbidden for the account that is logged in. Check who may act on whom"),
    404: (NotFound, "found nothing: there is no such user, device, phone or domain"),
    413: (RateLimited, "was refused for too many requests. Run it again later, or with a longer timeout"),
    429: (RateLimited, "was refused for too many requests. Run it again later, or with a longer timeout"),
}


def refusal(answer: Answer, doing: str) -> IdentityError:
    """The exception for an answer that is not a success.

    :param doing: what was tried, as the beginning of a sentence ("Adding an OTP device").
    """
    told = fault(answer)
    kind, meaning = _MEANINGS.get(answer.status, (InvalidAnswer, "got an answer that the API does not know"))
    if answer.status >= 500:
        kind, meaning = Unavailable, "failed: the service can't answer now. Run it again later"
    elif answer.status == 403 and told.name.casefold() == "userdisabled":
        meaning = "is forbidden: the user is disabled. An administrator has to enable it"
    elif answer.status == 403 and told.says(SETUP_NEEDED):
        kind, meaning = SetupRequired, "is forbidden: the account must set up multi-factor authentication first"
    words = f" The service says: {told.message}" if told.message else ""
    return kind(
        f"{doing} {meaning} (HTTP status {answer.status}).{words}",
        status=answer.status,
        service_message=told.message or None,
        retry_after=retry_after(answer.headers),
    )
