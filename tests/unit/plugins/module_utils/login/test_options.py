# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shared options: one source of credentials, whole; what does not go together; where the service is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import (
    Credentials,
    connection,
    credentials,
)
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC

FILE = "[rackspace_cloud]\nusername = filed\napi_key = file-key\n"
RAX = {"RAX_USERNAME": "rax", "RAX_PASSWORD": "rax-password"}
OS = {"OS_USERNAME": "os", "OS_PASSWORD": "os-password"}


def who(environ: dict[str, str] | None = None, **given: Any) -> Credentials:
    return credentials(given.get, environ or {})


def where(environ: dict[str, str] | None = None, **given: Any) -> Any:
    values = {name: option.get("default") for name, option in AUTH_SPEC.argument_spec.items()} | given
    return connection(values.get, environ or {})


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> str:
    path = tmp_path / "credentials"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def test_the_options_come_first_and_nothing_is_mixed_in(file: str) -> None:
    everything = {**RAX, **OS, "RAX_API_KEY": "rax-key", "RAX_CREDS_FILE": file}
    found = who(everything, username="me", password="pw", credentials_file=file)
    assert (found.username, found.password, found.api_key) == ("me", "pw", None)


@pytest.mark.parametrize(
    ("environ", "given", "name"),
    [
        ({**RAX, **OS}, {"credentials_file": "FILE"}, "filed"),
        ({**RAX, **OS, "RAX_CREDS_FILE": "FILE"}, {}, "rax"),
        ({**OS, "RAX_CREDS_FILE": "FILE"}, {}, "os"),
        ({"RAX_CREDS_FILE": "FILE"}, {}, "filed"),
        ({**RAX, "RAX_CREDS_FILE": "FILE"}, {"username": "", "password": "", "credentials_file": ""}, "rax"),
        ({"RAX_USERNAME": "", "RAX_PASSWORD": "", **OS}, {}, "os"),
    ],
)
def test_the_order_of_the_sources(environ: dict[str, str], given: dict[str, str], name: str, file: str) -> None:
    environ = {key: value.replace("FILE", file) for key, value in environ.items()}
    given = {key: value.replace("FILE", file) for key, value in given.items()}
    assert who(environ, **given).username == name


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "No way to log in"),
        ({"username": "me"}, "No way to log in: there is no password, API key or token in the options."),
        ({"username": "", "password": ""}, "No way to log in"),
        ({"password": "canary"}, "O(username) is missing: there is a password and no name in the options."),
        ({"api_key": "canary"}, "O(username) is missing"),
        ({"username": "me", "password": "canary", "api_key": "canary"}, "leave one out"),
        ({"username": "me", "password": "canary", "otp_secret": "canary", "passcode": "canary"}, "leave one out"),
        ({"username": "me", "password": "canary", "tenant_id": "1", "tenant_name": "1"}, "leave one out"),
        ({"username": "me", "password": "canary", "otp_secret": "canary-1!"}, "O(otp_secret)"),
        *[
            (
                {"username": "me", "password": "canary", "otp_secret": f"otpauth://totp/x?secret=CANARYCANARY&{kind}"},
                "O(otp_secret) is that of another service",
            )
            for kind in ("digits=8", "period=60", "algorithm=SHA256")
        ],
        ({"username": "me", "password": "canary", "passcode": "12345canary"}, "O(passcode)"),
        ({"username": "me", "password": "canary", "passcode": 0}, "O(passcode) must be a string"),
        ({"credentials_file": "/nowhere/at/all"}, "/nowhere/at/all"),
    ],
)
def test_what_does_not_go_together_is_refused_without_repeating_it(given: dict[str, Any], says: str) -> None:
    with pytest.raises(OptionError) as caught:
        who(**given)
    assert says in str(caught.value)
    assert "canary" not in str(caught.value).casefold()


@pytest.mark.parametrize(("passcode", "used"), [(" 012 345", "012345"), ("", None), (None, None)])
def test_a_passcode_is_cleaned_before_anything_is_sent(passcode: str | None, used: str | None) -> None:
    assert who(username="me", password="canary", passcode=passcode).factor.passcode == used


@pytest.mark.parametrize(
    "content", ["canary", "[other]\nusername = canary\n", "[rackspace_cloud\ncanary", "\xff\x00canary"]
)
def test_a_file_that_is_none_of_ours_is_not_quoted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(OptionError) as caught:
        who(credentials_file=str(path))
    assert "canary" not in str(caught.value)


def test_a_percent_sign_in_a_file_is_a_percent_sign(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("[rackspace_cloud]\nusername = me\npassword = 50%(x)s%%\n", encoding="utf-8")
    assert who(credentials_file=str(path)).password == "50%(x)s%%"


def test_a_token_may_bring_what_it_is_replaced_with() -> None:
    found = who(RAX, auth_token="token", user_id="id", username="me", api_key="key")
    assert (found.auth_token, found.user_id, found.api_key, found.password) == ("token", "id", "key", None)
    alone = who(RAX, auth_token="token")
    assert (alone.username, alone.password) == (None, None)


def test_no_secret_is_in_a_repr() -> None:
    found = who(username="me", password="canary-1", otp_secret="JBSWY3DPEHPK3PXP", auth_token="canary-2")
    assert "canary" not in repr(found)
    assert "JBSWY" not in repr(found)


@pytest.mark.parametrize("offset", [-1, 0, None, 5, "0"])
def test_a_stored_entry_brings_its_offset(offset: Any) -> None:
    found = who(username="me", password="p", otp_secret={"secret": "JBSWY3DPEHPK3PXPJBSWY3DP", "step_offset": offset})
    assert found.factor.step_offset == (offset if offset in (-1, 0) else None)


@pytest.mark.parametrize(
    ("environ", "given", "endpoint"),
    [
        ({}, None, "https://identity.api.rackspacecloud.com"),
        ({}, "", "https://identity.api.rackspacecloud.com"),
        ({}, "UK", "https://lon.identity.api.rackspacecloud.com"),
        ({}, "https://identity.example/v2.0/", "https://identity.example"),
        ({}, "http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ({}, " HTTPS://Identity.Example.:443/v2.0// ", "https://identity.example"),
        ({}, "https://identity.example:8443/cloud/", "https://identity.example:8443/cloud"),
        ({}, "http://LOCALHOST:80", "http://localhost"),
        ({}, "http://[::1]:5000/", "http://[::1]:5000"),
        (
            {"RAX_AUTH_ENDPOINT": "uk", "OS_AUTH_URL": "https://os.example", "OS_USERNAME": "jo"},
            None,
            "https://lon.identity.api.rackspacecloud.com",
        ),
        ({"OS_AUTH_URL": "https://os.example/v2.0", "OS_USERNAME": "jo"}, None, "https://os.example"),
        ({"OS_AUTH_URL": "https://os.example/v2.0"}, None, "https://identity.api.rackspacecloud.com"),
        (
            {"OS_AUTH_URL": "https://os.example", "OS_USERNAME": "jo", "RAX_API_KEY": "canary"},
            None,
            "https://identity.api.rackspacecloud.com",
        ),
        ({"RAX_AUTH_ENDPOINT": "uk"}, "us", "https://identity.api.rackspacecloud.com"),
    ],
)
def test_where_the_service_is(environ: dict[str, str], given: str | None, endpoint: str) -> None:
    assert where(environ, auth_endpoint=given).endpoint == endpoint


def test_credentials_that_are_given_do_not_go_to_the_cloud_of_openstack() -> None:
    environ = {"OS_AUTH_URL": "https://os.example", "OS_USERNAME": "jo", "OS_PASSWORD": "canary"}
    for given in ({"username": "jo"}, {"auth_token": "t"}, {"credentials_file": "f"}):
        assert where(environ, **given).endpoint == "https://identity.api.rackspacecloud.com"


@pytest.mark.parametrize("endpoint", ["http://identity.example", "http://10.0.0.1:5000", "http://127.0.0.1.example"])
def test_nothing_is_sent_in_clear_to_another_machine(endpoint: str) -> None:
    with pytest.raises(OptionError, match="allow_http"):
        where(auth_endpoint=endpoint)
    assert where(auth_endpoint=endpoint, allow_http=True).endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        *("de", "ftp://x", "https://", "https://me:canary@x.example", "identity.example", "https://a:canary"),
        *("https://a b", "https://a/?canary", "https://a/#canary", "https://a\x1b[2J", "https://[a", "https://a:99999"),
    ],
)
def test_endpoints_that_are_none(endpoint: str) -> None:
    with pytest.raises(OptionError) as caught:
        where(auth_endpoint=endpoint)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        *({"timeout": value} for value in (0.0, -1.0, float("nan"), float("inf"), 86_401.0)),
        *({"max_wait": value} for value in (-1.0, float("nan"), float("inf"), 86_401.0)),
        {"ca_path": "/nowhere"},
    ],
    ids=str,
)
def test_values_that_can_not_be_used(given: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        where(**given)


@pytest.mark.parametrize("kind", ["pipe", "endless", "large", "folder"])
def test_a_file_that_would_block_or_never_end_is_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path = Path("/dev/zero")
    elif kind == "large":
        path.write_text("[rackspace_cloud]\n" + "a = b\n" * 20_000, encoding="utf-8")
    else:
        path.mkdir()
    with pytest.raises(OptionError, match="credentials_file"):
        who(credentials_file=str(path))


def test_certificates(tmp_path: Path) -> None:
    assert where().verify is True
    assert where(ca_path=str(tmp_path)).verify == str(tmp_path)
    assert where(validate_certs=False, ca_path=str(tmp_path)).verify is False


def test_where_the_record_is(tmp_path: Path) -> None:
    assert where({"RAX_MFA_STATE_DIR": "/a", "XDG_STATE_HOME": "/b"}, state_dir=str(tmp_path)).state_dir == tmp_path
    assert where({"RAX_MFA_STATE_DIR": "/a", "XDG_STATE_HOME": "/b"}).state_dir == Path("/a")
    assert where({"XDG_STATE_HOME": "/b"}).state_dir == Path("/b/rackspace.identity")
    assert where({"XDG_STATE_HOME": "b"}).state_dir == where({}).state_dir
    with pytest.raises(OptionError, match="RAX_MFA_STATE_DIR must be an absolute path"):
        where({"RAX_MFA_STATE_DIR": "a"})
    assert where().state_dir == Path("~/.local/state/rackspace.identity").expanduser()
