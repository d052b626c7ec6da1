# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules do with their options before their own work begins. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..api.model import Scope
from ..login.session import Session
from .runner import ModuleLike
from .specs import ModuleSpec

_PUBLIC_KEYS = frozenset(
    (
        "auth_endpoint",
        "bypass_codes_end",
        "created",
        "device_id",
        "device_name",
        "domain_id",
        "last_step",
        "next",
        "previous",
        "step_offset",
        "user_id",
        "username",
        "verified",
    )
)
"""Of a stored dictionary. What stands under any other key, at any depth, is masked."""
_SECRET_OPTIONS = ("password", "api_key", "auth_token", "passcode", "code")


def open_session(module: ModuleLike, *, scope: Scope | None = None, mask_token: bool = True) -> Session:
    """The session of a task; close it by leaving its `with`. Tokens that it gets are masked from then on.

    :param mask_token: False where the token is what the task returns.
    """
    mask_secrets_only(module)
    session = Session(
        module.params.get,
        keep=module.no_log_values.add if mask_token else _forget,
        say=module.debug,
        scope=scope,
        environ=module.environ,
    )
    # Those of the environment and of a file are no options, which core masks; a service may repeat what it was sent.
    module.no_log_values |= {secret for secret in (session.who.password, session.who.api_key) if secret}
    return session


def mask_secrets_only(module: ModuleLike) -> None:
    """Of a stored dictionary that was given as a secret, mask the secrets and not its every value.

    Core masks all that stands in an option with `no_log`: of the stored dictionary also the name of the user and the
    device and the digit of an offset, in whatever is printed.
    """
    # Options are builtin, so `dict` is enough: `isinstance(value, Mapping)` is slow in a fresh worker.
    stored = [value for value in module.params.values() if isinstance(value, dict)]
    if not stored:
        return
    public = {str(value) for entry in stored for value in _values(entry, secret=False)}
    secrets = {str(value) for entry in stored for value in _values(entry, secret=True)}
    given = {str(module.params.get(name)) for name in _SECRET_OPTIONS}
    module.no_log_values -= public - given
    module.no_log_values |= secrets


def show_whole(module: ModuleLike, spec: ModuleSpec) -> None:
    """For a result that is hidden as a whole: nothing in it is masked, and the invocation beside it has no secret.

    It holds what is to be stored, and a password such as `ansible` must not blot out the name of a device there.
    """
    module.no_log_values.clear()
    for name, option in spec.argument_spec.items():
        if option.get("no_log"):
            module.params[name] = None


def secret_values(entry: Mapping[str, Any]) -> list[str]:
    """The secrets in a stored dictionary."""
    return [str(value) for value in _values(entry, secret=True)]


def _values(entry: Any, *, secret: bool, inside: bool = False) -> Iterator[Any]:
    """The scalar values of an entry that are secret, or those that are not; an entry may hold others (`next`)."""
    if isinstance(entry, Mapping):
        for key, value in entry.items():
            yield from _values(value, secret=secret, inside=inside or key not in _PUBLIC_KEYS)
    elif isinstance(entry, list):
        for item in entry:
            yield from _values(item, secret=secret, inside=inside)
    elif inside is secret and entry is not None and not isinstance(entry, bool):
        yield entry


def _forget(token: str) -> None:
    """No-op for tasks that return the token."""
