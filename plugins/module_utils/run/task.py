# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules do with their options before their own work begins. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..api.errors import OptionError
from ..login.options import Connection
from ..login.paths import usable_path
from ..login.session import Session
from ..login.voice import Voice
from .masking import masked_words, texts_in
from .runner import ModuleLike, controller_of, named_for

if TYPE_CHECKING:
    from ..login.stored import Store

_UNVERIFIED = (
    "validate_certs is false: the certificate of the service is not verified. Anyone on the way can read passwords, "
    "tokens and secrets."
)
_ENTRY_OPTIONS = ("otp_secret", "secret")
"""They take the stored dictionary, too."""
_SECRET_OPTIONS = ("password", "api_key", "auth_token", "passcode", "code")


def open_session(
    module: ModuleLike, *, for_setup: bool = False, saves: bool = False, also_none: bool = False
) -> Session:
    """The session of a task; close it by leaving its `with`. Secrets that it gets are masked from then on.

    :param saves: the task may change the entry in its store.
    :param also_none: work with an entry also when the store is `none`, which forgets it when the task ends.
    """
    mask_secrets_only(module)
    session = Session(
        module.params.get,
        keep=module.no_log_values.add,
        voice=Voice(module.debug, _telling(module)),
        for_setup=for_setup,
        environ=module.environ,
        store=open_store(module, also_none=also_none),
        saves=saves,
        check_mode=module.check_mode,
    )
    _check_outlives_job(module.params, session, module.environ)
    # Those of the environment and of a file are no options, which core masks; a service may repeat what it was sent.
    module.no_log_values |= {secret for secret in (session.who.password, session.who.api_key) if secret}
    module.public_names |= {name for name in (session.who.username, module.params.get("target_user")) if name}
    if warning := warning_about(session.way):
        module.warn(warning)
    return session


def warning_about(way: Connection) -> str | None:
    """What everyone should know about the way to the service; None when there is nothing."""
    return _UNVERIFIED if way.verify is False and way.endpoint.startswith("https:") else None


def _telling(module: ModuleLike) -> Callable[[str], None]:
    """What shows a line to everyone: with the names that they know, and without the secrets of the task."""
    controller = controller_of(module)
    show = controller.tell if controller else module.debug
    return lambda line: show(masked_words(named_for(module, line), module.no_log_values))


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
    from ..login.entry_shape import secret_values

    secrets = {secret for entry in stored for secret in secret_values(entry)}
    public = texts_in(stored) - secrets
    given = {str(module.params.get(name)) for name in _SECRET_OPTIONS}
    module.no_log_values -= public - given
    module.no_log_values |= secrets
