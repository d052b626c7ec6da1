# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options mean that all modules share. Private to the collection.

Credentials come from one source, whole: the options where one of them is set, else a credentials file that is named in
the options, else the environment, else the file that the environment names. So nothing here is an `env_fallback`, which
core would apply before it looks at what excludes what. Empty strings are not values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..api.errors import OptionError
from ..api.wire import is_whole
from .endpoint import normalized
from .paths import usable_path

if TYPE_CHECKING:
    from ..otp.secret import Otp
    from .moment import Moment

_LONGEST = 86_400
"""Seconds."""
_CHOOSING = ("username", "password", "api_key", "auth_token")
_RAX = {"username": "RAX_USERNAME", "password": "RAX_PASSWORD", "api_key": "RAX_API_KEY"}
_OS = {"username": "OS_USERNAME", "password": "OS_PASSWORD"}

Values = Mapping[str, Any]


class Factor(NamedTuple):
    """What there is to answer a challenge with: a secret and what is known of its use, or a passcode, or nothing."""

    otp: Otp | None = None
    step_offset: int | None = None
    passcode: str | None = None
    last_step: int | None = None
    """The last time step that any controller used, as the store tells."""
    refused: Mapping[str, Moment] = MappingProxyType({})
    """The refusals that any controller noted in the store (`refusals.refusals_of`)."""

    def __repr__(self) -> str:
        return "Factor(...)"


class Credentials(NamedTuple):
    """Who logs in, and how. The way is one: a token, an API key, or a password.

    A password or an API key beside a token is what a new login is made with if the token is refused.
    """

    username: str | None = None
    password: str | None = None
    api_key: str | None = None
    auth_token: str | None = None
    user_id: str | None = None
    factor: Factor = Factor()
    tenant: tuple[str, str] | None = None
    """The member of `auth` that names the tenant, and its value."""

    def __repr__(self) -> str:
        return "Credentials(...)"


class Connection(NamedTuple):
    """Where the service is and how to talk to it; times in seconds."""

    endpoint: str
    verify: bool | str
    timeout: float
    max_wait: float
    state_dir: Path


def connection(option: Callable[[str], Any], environ: Values) -> Connection:
    """What the options say of the way to the service. Raises OptionError for values that can't be used."""
    timeout, max_wait = option("timeout"), option("max_wait")
    if not (0 < timeout <= _LONGEST and 0 <= max_wait <= _LONGEST):  # which no comparison with nan is
        raise OptionError(
            f"O(timeout) must be more than 0 seconds, O(max_wait) 0 or more, and both at most {_LONGEST} (a day)."
        )
    ca_path = option("ca_path")
    if ca_path and not usable_path("ca_path", ca_path).exists():
        raise OptionError(f"O(ca_path): there is no file or folder {ca_path}.")
    return Connection(
        endpoint=_endpoint(option, environ),
        verify=(ca_path or True) if option("validate_certs") else False,
        timeout=timeout,
        max_wait=max_wait,
        state_dir=_state_dir(option("state_dir"), environ),
    )


def credentials(option: Callable[[str], Any], environ: Values) -> Credentials:
    """The credentials, from one source. Raises OptionError that names what is missing or what to leave out."""
    source, found = _source(option, environ)
    username, password, api_key, auth_token = (found.get(name) for name in _CHOOSING)
    if password and api_key:
        raise OptionError(
            f"Both a password and an API key come from {source}: leave one out. They are two ways to log in, and "
            "only the password is asked for a second factor."
        )
    if (password or api_key) and not username:
        raise OptionError(
            f"O(username) is missing: there is {'a password' if password else 'an API key'} and no name in {source}."
        )
    if not (password or api_key or auth_token):
        raise OptionError(
            f"No way to log in: there is no password, API key or token in {source}. Set O(username) with O(password) "
            "or O(api_key), or set O(auth_token); or RAX_USERNAME with RAX_PASSWORD or RAX_API_KEY; or "
            "O(credentials_file)."
        )
    return Credentials(
        username=username,
        password=password,
        api_key=api_key,
        auth_token=auth_token,
        user_id=_value(option("user_id")),
        factor=_factor(option),
        tenant=_tenant(option),
    )


def wanted_target(option: Callable[[str], Any]) -> tuple[str | None, str | None]:
    """The ID and the name of the user that the target options name; None for what is not given.

    :raises OptionError: one is empty. A variable that is empty by mistake must not turn an administrator's task on the
        administrator.
    """
    wanted_id, wanted_name = option("target_user_id"), option("target_user")
    for name, value in (("target_user_id", wanted_id), ("target_user", wanted_name)):
        if value is not None and not str(value).strip():
            raise OptionError(
                f"O({name}) is given and empty. Name the user, or leave it out to act on the account that logs in."
            )
    if wanted_id is not None and not wanted_id.strip("."):
        raise OptionError("O(target_user_id) is not the ID of a user.")
    return wanted_id, wanted_name


def _value(value: Any) -> str | None:
    """Empty strings are not values: templates give them if a variable is not set."""
    return value or None


def _source(option: Callable[[str], Any], environ: Values) -> tuple[str, dict[str, str | None]]:
    found = {name: _value(option(name)) for name in _CHOOSING}
    if any(found.values()):
        return "the options", found
    path = _value(option("credentials_file"))
    if path:
        return _from_file(Path(path))
    for variables in (_RAX, _OS):
        found = {name: _value(environ.get(variable)) for name, variable in variables.items()}
        if any(found.values()):
            return f"the environment ({', '.join(variables.values())})", found
    path = _value(environ.get("RAX_CREDS_FILE"))
    return _from_file(usable_path("credentials_file", path)) if path else ("the task", {})


def _from_file(path: Path) -> tuple[str, dict[str, str | None]]:
    from .credentials_file import read  # few tasks have one

    return f"the file {path}", {name: _value(value) for name, value in read(path).items()}


def _factor(option: Callable[[str], Any]) -> Factor:
    secret, passcode = option("otp_secret") or None, option("passcode")
    if passcode in (None, ""):
        return factor_of("otp_secret", secret)
    if secret is not None:
        raise OptionError("O(otp_secret) and O(passcode) both answer the challenge: leave one out.")
    from .typed_passcode import clean_passcode  # few tasks have one

    return Factor(passcode=clean_passcode(passcode))


def factor_of(name: str, secret: Any) -> Factor:
    """The factor that a secret gives: base32, a key URI or a stored dictionary, which also tells how it was used.

    :param name: the option that holds it, for messages.
    :raises OptionError: it cannot be read. The message does not repeat it.
    """
    if not secret:
        return Factor()
    from .refusals import refusals_of  # tasks with a token have no secret

    known = secret if isinstance(secret, Mapping) else {}
    offset, last = known.get("step_offset"), known.get("last_step")
    return Factor(
        otp=read_secret(name, secret),
        step_offset=offset if offset in (-1, 0) else None,
        last_step=last if is_whole(last) else None,
        refused=refusals_of(known),
    )


def read_secret(name: str, value: Any) -> Otp | None:
    """The secret of a device of the service that an option gives, None for none.

    :raises OptionError: it is none. The message does not repeat it.
    """
    if not value:
        return None
    check_pyotp()
    from ..otp.key_uri import SecretError
    from ..otp.secret import PERIOD, parse

    try:
        otp = parse(value)
    except SecretError as error:
        raise OptionError(f"O({name}): {error}") from None
    if not otp.is_of_service:
        raise OptionError(
            f"The secret in O({name}) is that of another service: codes for Rackspace have 6 digits, change every "
            f"{PERIOD} s, and are made with SHA-1. Nothing was sent. Pass the secret of the account's own device."
        )
    return otp


def check_pyotp() -> None:
    """Make sure that codes can be computed.

    :raises OptionError: the library for it is missing.
    """
    from ..otp.secret import HAS_PYOTP, PyotpMissing  # with pyotp: most tasks have no secret

    if not HAS_PYOTP:
        raise OptionError(str(PyotpMissing()))


def _tenant(option: Callable[[str], Any]) -> tuple[str, str] | None:
    tenant_id, tenant_name = _value(option("tenant_id")), _value(option("tenant_name"))
    if tenant_id and tenant_name:
        raise OptionError("O(tenant_id) and O(tenant_name) exclude each other: leave one out.")
    if tenant_id:
        return "tenantId", tenant_id
    return ("tenantName", tenant_name) if tenant_name else None


def _endpoint(option: Callable[[str], Any], environ: Values) -> str:
    sources = {
        "O(auth_endpoint)": option("auth_endpoint"),
        "RAX_AUTH_ENDPOINT in the environment": environ.get("RAX_AUTH_ENDPOINT"),
        "OS_AUTH_URL in the environment": environ.get("OS_AUTH_URL") if _is_by_os(option, environ) else None,
    }
    source, value = next(((source, value) for source, value in sources.items() if value), ("O(auth_endpoint)", "us"))
    return normalized(value, allow_http=bool(option("allow_http")), source=source)


def _is_by_os(option: Callable[[str], Any], environ: Values) -> bool:
    """Do the credentials come from the variables of OpenStack? Others must not go to a cloud that these name."""
    sources = [*map(option, (*_CHOOSING, "credentials_file")), *map(environ.get, _RAX.values())]
    return not any(sources) and bool(environ.get("OS_USERNAME"))


def _state_dir(value: str | None, environ: Values) -> Path:
    if _value(value):
        return usable_path("state_dir", str(value))
    chosen = _value(environ.get("RAX_MFA_STATE_DIR"))
    if chosen:
        path = usable_path("state_dir", chosen)
        if not path.is_absolute():
            raise OptionError("RAX_MFA_STATE_DIR must be an absolute path: it is the same folder for each playbook.")
        return path
    home = _value(environ.get("XDG_STATE_HOME")) or ""
    # The XDG specification has relative paths ignored.
    return usable_path("state_dir", home if home.startswith("/") else "~/.local/state") / "rackspace.identity"
