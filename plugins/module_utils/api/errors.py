# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, as one family of exceptions. Private to the collection.

Their words are the collection's own: never a body, a header, a URL with a token or the value of a secret option.
"""

from __future__ import annotations

from typing import Any, ClassVar


class OptionError(ValueError):
    """Options that make no sense together. The text names the option and what to do; no request was sent for it."""

    def reworded(self, message: str) -> OptionError:
        """The same error with another message, for who knows more of what was done before."""
        return type(self)(message)


class IdentityError(Exception):
    """Something that the service, or the way to it, refused. `kind` is what playbooks match.

    :param message: what was tried, what came back, what to do next.
    :param status: the HTTP status, if there was one.
    :param service_message: the service's own short message, if its answer was a fault of the contract.
    :param retry_after: seconds to wait, if the service said so or the collection knows.
    """

    kind: ClassVar[str] = "invalid_answer"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        service_message: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.service_message = service_message
        self.retry_after = retry_after

    def reworded(self, message: str) -> IdentityError:
        """The same error with another message, for who knows more of what to do next."""
        return type(self)(
            message, status=self.status, service_message=self.service_message, retry_after=self.retry_after
        )

    def as_failure(self) -> dict[str, Any]:
        """The one payload of a failed task: `msg` for people, `error` for playbooks."""
        return {
            "msg": self.message,
            "error": {
                "kind": self.kind,
                "status": self.status,
                "service_message": self.service_message,
                "retry_after": self.retry_after,
            },
        }


class BadCredentials(IdentityError):
    """The name, the password, the API key or the token was refused."""

    kind = "bad_credentials"


class TokenRefused(BadCredentials):
    """A token that was accepted before, or was given, is not accepted now."""


class PasscodeRequired(IdentityError):
    """The account asks for a second factor and there is nothing to answer with."""

    kind = "passcode_required"


class PasscodeRefused(IdentityError):
    """The second factor was refused, or must not be tried now."""

    kind = "passcode_refused"


class AccountLocked(IdentityError):
    """Too many wrong passcodes: the service takes none for a while."""

    kind = "account_locked"


class SetupRequired(IdentityError):
    """The account must set up a second factor before it may do anything else."""

    kind = "setup_required"


class Forbidden(IdentityError):
    """The account that is logged in may not do this."""

    kind = "forbidden"


class NotFound(IdentityError):
    """There is no such user, device, phone or domain."""

    kind = "not_found"


class Conflict(IdentityError):
    """What was asked does not go with the state that the service is in (its 400, or seen before a write)."""

    kind = "conflict"


class RateLimited(IdentityError):
    """The service asked to slow down until the time given for the task was over."""

    kind = "rate_limited"


class Unavailable(IdentityError):
    """The service answered that it can't answer (5xx)."""

    kind = "unavailable"


class InvalidAnswer(IdentityError):
    """The answer is not one that the contract knows."""

    kind = "invalid_answer"


class ConnectionFailed(IdentityError):
    """No connection, or it broke before the request was sent: nothing was done."""

    kind = "connection"


class LostAnswer(ConnectionFailed):
    """The request was sent and its answer never came whole: it may have been carried out."""


class TlsFailed(IdentityError):
    """The server's certificate could not be verified, or TLS failed."""

    kind = "tls"


UNCERTAIN = (LostAnswer, Unavailable, InvalidAnswer)
"""After these the request may have been carried out: its answer was lost or spoiled."""
