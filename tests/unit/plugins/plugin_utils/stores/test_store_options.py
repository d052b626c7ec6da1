# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `store`: what is taken, what is refused, and that no refusal shows a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.rackspace.identity.plugins.doc_fragments import store
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.private_file import exclusive
from ansible_collections.rackspace.identity.plugins.module_utils.run.store_spec import STORE_KEYS, STORE_OPTION
from ansible_collections.rackspace.identity.plugins.plugin_utils import controller
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import open_store
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import (
    CANARY,
    ENTRY,
    FORK,
    loader_of,
    opened,
)

KV = {"type": "hashi_vault", "url": "https://vault.example:8200", "path": "rackspace/ada"}


@pytest.mark.parametrize(
    "config",
    [
        {"path": "mfa.yml"},
        {"type": "vault_file", "path": "mfa.yml", "variable": "x", "vault_id": "prod", "name": None},
        {"type": "pass", "name": "rax_mfa_otp/ada"},
        {**KV, "token": CANARY},
        {**KV, "auth": "approle", "role_id": "r", "secret_id": CANARY, "mount": "kv/of/us", "ca_path": "/x"},
        {**KV, "url": "http://127.0.0.1:8200", "token": CANARY},
        {"type": "command", "argv": ["helper", "--all"], "key": "ada"},
        {"type": "none"},
    ],
)
def test_what_describes_a_store_is_taken(tmp_path: Path, config: dict[str, Any]) -> None:
    for given in (config, wrap_var(config)):
        place = opened(tmp_path, given).place
        assert place
        assert CANARY not in place


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"type": "valt_file"}, r"store.type must be one of vault_file, pass, hashi_vault, command, none"),
        ({"type": ["pass"]}, r"store.type must be one of"),
        ({"type": "vault_file"}, r"store.path is missing or empty"),
        ({"path": ""}, r"store.path is missing or empty"),
        ({"path": ["x"]}, r"store.path must be a string"),
        ({"path": "a\nb"}, r"store.path must not have line breaks"),
        ({"path": "x", "pth": CANARY}, r"store.pth is not a key of the store vault_file, which has path, variable"),
        ({"type": "none", "path": "x"}, r"store.path is not a key of the store none, which has none"),
        ({"path": "x", "variable": "1a"}, r"store.variable must be the name of a variable"),
        ({"path": "x", "variable": "class"}, r"store.variable must be the name of a variable"),
        ({"path": "x", "vault_id": 5}, r"store.vault_id must be a string"),
        ({"type": "pass"}, r"store.name is missing"),
        ({"type": "pass", "name": "-x"}, r"store.name must not begin with a dash"),
        ({"type": "pass", "name": "../x"}, r"store.name must be a name in the password store"),
        ({"type": "pass", "name": "a//x"}, r"store.name must be a name in the password store"),
        ({"type": "command", "key": "x"}, r"store.argv must be a list of strings"),
        ({"type": "command", "key": "x", "argv": CANARY}, r"store.argv must be a list of strings"),
        ({"type": "command", "key": "x", "argv": ["x", 1]}, r"store.argv must be a list of strings"),
        ({"type": "command", "argv": ["x"]}, r"store.key is missing"),
        (KV, r"store.token is missing or empty; the store hashi_vault needs it"),
        ({**KV, "token": b"x"}, r"store.token cannot be used: it holds a value of the type bytes"),
        ({**KV, "token": [CANARY]}, r"store.token must be a string"),
        (
            {**KV, "token": f"{CANARY}\N{RIGHT SINGLE QUOTATION MARK}"},
            r"store.token \(or VAULT_TOKEN\) has a character that no token has: .*not ASCII",
        ),
        ({**KV, "token": f" {CANARY}"}, r"store.token .*a blank at its front"),
        ({**KV, "token": CANARY, "namespace": f"{CANARY}é"}, r"store.namespace \(or VAULT_NAMESPACE\) has a character"),
        ({**KV, "auth": "ldap", "token": CANARY}, r"store.auth must be token or approle"),
        ({**KV, "auth": "approle", "role_id": "x"}, r"store.secret_id is missing"),
        ({**KV, "url": f"https://ada:{CANARY}@vault.example", "token": "x"}, r"store.url must be the URL"),
        ({**KV, "url": "vault.example:8200", "token": "x"}, r"store.url must be the URL"),
        ({**KV, "url": "https://vault.example:port", "token": "x"}, r"store.url must be the URL"),
        ({**KV, "url": "http://vault.example:8200", "token": "x"}, r"store.url: http:// would send the secret"),
        ({**KV, "path": "a/../b", "token": "x"}, r"store.path and store.mount must be paths"),
        ([CANARY], r"store must be a dictionary with the key type, one of vault_file"),
    ],
)
def test_what_does_not_is_refused_by_name_and_never_by_value(
    tmp_path: Path, config: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(OptionError, match=complaint) as caught:
        open_store(config, loader_of(tmp_path), lambda _line: None, {})
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_spec_of_modules_is_documented_and_hides_the_secrets() -> None:
    documented = yaml.safe_load(store.ModuleDocFragment.DOCUMENTATION)["options"]["store"]["suboptions"]
    options = STORE_OPTION["options"]
    assert {*options} == {"type", *(key for keys in STORE_KEYS.values() for key in keys)} == {*documented}
    assert {key for key, option in options.items() if option.get("no_log")} == {"token", "secret_id"}
    for key, says in documented.items():
        like = {name: options[key].get(name) for name in ("type", "choices", "default", "elements")}
        assert {name: says.get(name) for name in like} == like, key


def test_options_that_went_through_the_spec_are_taken(tmp_path: Path) -> None:
    validation = ArgumentSpecValidator({"store": dict(STORE_OPTION)}).validate({"store": {"path": "mfa.yml"}})
    assert opened(tmp_path, validation.validated_parameters["store"]).load() is None


def test_none_keeps_nothing(tmp_path: Path) -> None:
    nothing = opened(tmp_path, {"type": "none"})
    nothing.check()
    nothing.save(ENTRY, None)
    assert nothing.load() is None
    nothing.remove(ENTRY)
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_cannot_be_shown_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_line: str) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(controller.display, "display", broken)
    quiet = controller.ControllerTools(loader_of(tmp_path), {}).open_store({"path": str(tmp_path / "mfa.yml")})
    saver = FORK.Process(target=quiet.save, args=(ENTRY, None))
    with exclusive(tmp_path / "mfa.yml"):
        saver.start()
        saver.join(0.5)
        assert saver.is_alive(), "it waits, and has tried to tell so"
    saver.join(20)
    assert saver.exitcode == 0
    assert quiet.load() == ENTRY
