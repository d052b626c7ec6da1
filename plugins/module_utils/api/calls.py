# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an operation with a token is sent, and which answers count. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from .errors import InvalidAnswer, OptionError, Unavailable
from .faults import is_fault, refusal
from .texts import is_identifier
from .transport import Repeat, Transport
from .wire import Answer, is_of_success, root, unknown_body

_PAUSE = 0.5
LONG = 16 << 20
"""Bytes of a list, at most."""
_Item = TypeVar("_Item")


class Calls:
    """Sends requests with one token.

    :param renew: gives a new token when one is refused; called at most once, unless `allow_renewal` was.
    """

    def __init__(self, transport: Transport, token: str, renew: Callable[[], str] | None = None) -> None:
        self.transport = transport
        self.token = token
        self.codes: list[str] = []
        """The codes that were sent. A service may repeat them in an error."""
        self._renew = renew
        self._has_renewed = False

    def renew(self) -> bool:
        """Go on with the token of a new login; False if there was one before, or there is nothing to log in with."""
        if self._renew is None or self._has_renewed:
            return False
        self._has_renewed = True
        self.token = self._renew()
        return True

    def allow_renewal(self) -> None:
        """Let the next refused token be replaced, too: what was just done may have ended it."""
        self._has_renewed = False

    def _call(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        json: Mapping[str, Any] | None = None,
        also: tuple[int, ...] = (),
        repeat: Repeat = Repeat.SAFELY,
        renew: bool = True,
        missing: str = "such user",
        **how: Any,
    ) -> Answer:
        """Return the answer when it is a success, or has one of the statuses that the caller reads as well.

        :param missing: what there is not when nothing is found.
        :param how: further arguments of `Transport.send`.
        """

        def send() -> Answer:
            return self.transport.send(
                method, path, json=json, headers={"X-Auth-Token": self.token}, repeat=repeat, **how
            )

        answer = send()
        # The service refuses a token before it does anything, so this is safe for every method.
        if is_fault(answer, 401) and renew and self.renew():
            answer = send()
        if answer.status in also:
            return answer
        if not answer.is_success:
            raise refusal(answer, doing, missing)
        if not is_of_success(answer.body):
            raise unknown_body(answer, doing)
        return answer

    def _read(self, path: str, name: str, kind: type, doing: str, *, method: str = "GET", **how: Any) -> Any:
        """Return what stands under that root key of an answer; a success without it is doubted once.

        :param method: a request that may be carried out twice.
        :param how: further arguments of `_call`.
        :raises InvalidAnswer: the second one has it neither.
        """
        return doubted(self.transport, lambda: root(self._call(method, path, doing, **how), name, kind, doing))

    def _put(self, path: str, body: Mapping[str, Any], doing: str, **how: Any) -> bool:
        """Change something; tell whether the answer proves it.

        The service's own 204 does. Any other success may be real, or that of a gateway: then what was changed tells.

        :param how: further arguments of `_call`.
        """
        return self._call("PUT", path, doing, json=body, **how).status == 204

    def _delete(self, path: str, name: str, doing: str) -> None:
        """Delete what is there, and look again: only the service's own fault proves that it is gone.

        :param name: the root key of the answer to a GET.
        """

        def is_there() -> bool:
            looking = f"{doing} and looking again"
            answer = self._call("GET", path, looking, also=(404,))
            return not self._is_gone(answer, doing) and bool(root(answer, name, dict, looking))

        if self._is_gone(self._call("DELETE", path, doing, also=(404,)), doing):
            return
        if doubted(self.transport, is_there):
            raise Unavailable(f"{doing} was answered as done, and it is still there. Run it again later.")

    @staticmethod
    def _is_gone(answer: Answer, doing: str) -> bool:
        if answer.status == 404 and not is_fault(answer, 404):
            raise refusal(answer, doing)
        return answer.status == 404


def not_shown(doing: str) -> Unavailable:
    """The exception for a change whose answer proved nothing (`Calls._put`), and that the service does not show."""
    return Unavailable(
        f"{doing} was answered as done, and the service does not show it. Run it again later. When it stays so, check "
        "O(auth_endpoint), and that no gateway, proxy or firewall answers in the service's place."
    )


def doubted(transport: Transport, ask: Callable[[], _Item]) -> _Item:
    """Ask, and ask once more when a success holds nothing that was asked for. What is asked may be done twice.

    :raises InvalidAnswer: the second answer holds it neither.
    """
    try:
        return ask()
    except InvalidAnswer as error:
        if not 200 <= (error.status or 0) < 300:
            raise
    transport.doubts += 1
    transport.sleep(_PAUSE)
    return ask()


def segment(value: str) -> str:
    """Return an id as a part of a path.

    :raises OptionError: it can't be one; those that the service gave were looked at before.
    """
    if not is_identifier(value):
        raise OptionError(
            "An id that was given can't be one: it is empty, longer than 256 characters, dots alone, or holds a blank, "
            "a slash or a character that can't be printed. No request was made with it."
        )
    return quote(value, safe=":")


def mfa_path(user_id: str, *rest: str) -> str:
    """Return a path below a user's `multi-factor`."""
    return "/".join(["/v2.0/users", segment(user_id), "RAX-AUTH/multi-factor", *map(segment, rest)])


def same(item: _Item, wanted: str, found: str, what: str) -> _Item:
    """Return the item, if it is the one that was asked for.

    :raises InvalidAnswer: the answer is about another one: nothing may be done to that.
    """
    if found != wanted:
        raise another(what)
    return item


def another(what: str) -> InvalidAnswer:
    """The exception for an answer that is about another one than the one that was asked for."""
    return InvalidAnswer(
        f"The service's answer is about another {what} than the one that was asked for. Nothing is done with it. "
        "Check O(auth_endpoint), and that no proxy keeps answers."
    )
