# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules do with their options before their own work begins. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..api.errors import OptionError
from ..api.model import Scope
from ..login.paths import usable_path
from ..login.session import Session
from ..login.stored import Store
from .masking import masked
from .runner import ModuleLike, controller_of, named

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
        "orphans",
        "previous",
        "proved",
        "refused",
        "step_offset",
        "user_id",
        "username",
        "verified",
    )
)
"""Of a stored dictionary. What stands under any other key, at any depth, is masked."""
_NUMBERS = frozenset(("last_step", "step_offset"))
_UNVERIFIED = (
    "validate_certs is false: the certificate of the service is not verified. Anyone on the way can read passwords, "
    "tokens and secrets."
)
_ENTRY_OPTIONS = ("otp_secret", "secret", "entry")
"""They take the stored dictionary, too."""
_SECRET_OPTIONS = ("password", "api_key", "auth_token", "passcode", "code")


def open_session(
    module: ModuleLike, *, scope: Scope | None = None, mask_token: bool = True, also_none: bool = False
) -> Session:
    """The session of a task; close it by leaving its `with`. Tokens that it gets are masked from then on.

    :param mask_token: False if the token is what the task returns.
    :param also_none: work with an entry also when the store is `none`, which forgets it when the task ends.
    """
    mask_secrets_only(module)
    session = Session(
        module.params.get,
        keep=module.no_log_values.add if mask_token else _forget,
        hide=module.no_log_values.add,
        say=module.debug,
        tell=_telling(module),
        scope=scope,
        environ=module.environ,
        store=open_store(module, also_none=also_none),
        check_mode=module.check_mode,
    )
    _check_outlives_job(module.params, session, module.environ)
    # Those of the environment and of a file are no options, which core masks; a service may repeat what it was sent.
    module.no_log_values |= {secret for secret in (session.who.password, session.who.api_key) if secret}
    if session.way.verify is False and session.way.endpoint.startswith("https:"):
        module.warn(_UNVERIFIED)
    return session


def _telling(module: ModuleLike) -> Callable[[str], None]:
    """What shows a line to everyone: with the names that they know, and without the secrets of the task."""
    controller = controller_of(module)
    show, name_of = (controller.tell, controller.name_of) if controller else (module.debug, str)
    return lambda line: show(masked(named(line, name_of), module.no_log_values))


def _check_outlives_job(params: Mapping[str, Any], session: Session, environ: Mapping[str, str]) -> None:
    """Refuse a store or a record that is removed with the job of AWX or Automation Platform.

    :raises OptionError: one of them lies in the folder of the job.
    """
    job_folder = environ.get("AWX_ISOLATED_DATA_DIR")
    if not job_folder or params.get("store_is_persistent"):
        return
    store = params.get("store") or {}
    kept = [usable_path("store", store["path"])] if store.get("path") and store.get("type") == "vault_file" else []
    if session.who.password or params.get("proof_password"):
        kept.append(session.way.state_dir)
    for path in kept:
        if path.resolve().is_relative_to(Path(job_folder).resolve()):
            raise OptionError(
                f"{path} lies in the folder of this job, which is removed when the job ends, and the secret or the "
                "record of used passcodes with it. Nothing was done. Use a place outside of it (O(store), "
                "O(state_dir), RAX_MFA_STATE_DIR), or set O(store_is_persistent) when the folder is kept."
            )


def open_store(module: ModuleLike, *, also_none: bool = False) -> Store | None:
    """The store that the task names; None when it names none, or one that keeps nothing.

    :param also_none: return that one, too.

    :raises OptionError: the task runs where no store can be reached, or the store's options are wrong.
    """
    config = module.params.get("store")
    if not config or (config.get("type") == "none" and not also_none):
        return None
    controller = controller_of(module)
    if controller is None:
        raise OptionError("O(store) works on the controller alone: run the module as a task of a play.")
    return controller.open_store(config)


def mask_secrets_only(module: ModuleLike) -> None:
    """Of a stored dictionary that was given as a secret, mask the secrets and not its every value.

    Core masks all that stands in an option with `no_log`: of the stored dictionary also the name of the user and the
    device and the digit of an offset, in whatever is printed.
    """
    # Options are builtin, so `dict` is enough: `isinstance(value, Mapping)` is slow in a fresh worker.
    given_entries = map(module.params.get, _ENTRY_OPTIONS)
    stored = [value for value in given_entries if isinstance(value, dict)]
    if not stored:
        return
    public = {str(value) for entry in stored for value in _values(entry, secret=False)}
    secrets = {str(value) for entry in stored for value in _values(entry, secret=True)}
    given = {str(module.params.get(name)) for name in _SECRET_OPTIONS}
    module.no_log_values -= public - given
    module.no_log_values |= secrets


def secret_values(entry: Mapping[str, Any]) -> list[str]:
    """The secrets in a stored dictionary."""
    return [str(value) for value in _values(entry, secret=True)]


def _values(entry: Any, *, secret: bool, inside: bool = False) -> Iterator[Any]:
    """The scalar values of an entry that are secret, or those that are not; an entry may hold others (`next`)."""
    if isinstance(entry, Mapping):
        for key, value in entry.items():
            yield from _values(value, secret=secret, inside=inside or not _is_public(key, value))
    elif isinstance(entry, list):
        for item in entry:
            yield from _values(item, secret=secret, inside=inside)
    elif inside is secret and entry is not None and not isinstance(entry, bool):
        yield entry


def _is_public(key: Any, value: Any) -> bool:
    """May the value under this key be shown? A template makes text of a number; other text is not one."""
    return key in _PUBLIC_KEYS and (key not in _NUMBERS or str(value).removeprefix("-").isdigit() or value is None)


def _forget(token: str) -> None:
    """No-op for tasks that return the token."""
