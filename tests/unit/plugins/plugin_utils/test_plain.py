# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values free of Ansible's own types, and when two of them are one."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import plain, same

NESTED = {"text": "Zoë {{ x }}", "list": [1, 2.5, True, None], "dict": {"a": {"b": "c"}}, 1: datetime.date(2026, 1, 31)}


def types_in(value: Any) -> set[type]:
    if isinstance(value, dict):
        return {type(value)}.union(*(types_in(item) for pair in value.items() for item in pair))
    if isinstance(value, list):
        return {type(value)}.union(*(types_in(item) for item in value))
    return {type(value)}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(NESTED, id="builtin"),
        pytest.param(wrap_var(NESTED), id="unsafe"),
        pytest.param(
            DataLoader().load(
                "text: Zoë {{ x }}\nlist: [1, 2.5, true, null]\ndict: {a: {b: c}}\n1: 2026-01-31\n", file_name="/x.yml"
            ),
            id="from-a-playbook",
        ),
    ],
)
def test_plain_gives_builtin_types_all_the_way_down(value: Any) -> None:
    assert plain(value) == NESTED
    assert types_in(plain(value)) == {dict, list, str, int, float, bool, type(None), datetime.date}


def test_plain_turns_tuples_and_sets_into_lists() -> None:
    assert plain({"a": (1, {2})}) == {"a": [1, [2]]}


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        pytest.param(b"secret", "type bytes", id="bytes"),
        pytest.param(object(), "type object", id="object"),
        pytest.param("secret\ud800", "not valid Unicode", id="half-a-character"),
        pytest.param({("a", "b"): 1}, "a key that is a list", id="tuple-as-key"),
        pytest.param(datetime.time(1, 2), "type time", id="time"),
    ],
)
def test_plain_refuses_without_telling_the_value(value: Any, complaint: str) -> None:
    with pytest.raises(OptionError, match=complaint) as caught:
        plain([value])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("opens", [True, False], ids=["its secret", "another secret"])
def test_an_encrypted_string_is_decrypted_or_refused_without_its_text(
    opens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, other = VaultSecret(b"one"), VaultSecret(b"two")
    ciphertext = VaultLib([("x", secret)]).encrypt("secret text", secret=secret).decode()
    loader: Any = DataLoader()
    loader.set_vault_secrets([("x", secret if opens else other)])
    if hasattr(vault, "VaultSecretsContext"):  # from ansible-core 2.19 on, strings find their secrets there
        context = vault.VaultSecretsContext(loader._vault.secrets)
        monkeypatch.setattr(vault.VaultSecretsContext, "_current", context)
    value = loader.load(
        "a: !vault |\n" + "".join(f"  {line}\n" for line in ciphertext.splitlines()), file_name="/x.yml"
    )
    if opens:
        assert plain(value) == {"a": "secret text"}
        assert plain(value)["a"].__class__ is str
        return
    with pytest.raises(OptionError, match="cannot be decrypted or read") as caught:
        plain(value)
    assert ciphertext.splitlines()[1] not in str(caught.value)


def test_plain_refuses_what_contains_itself() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(OptionError, match="contains itself"):
        plain(value)


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        pytest.param(1, True, False, id="int-bool"),
        pytest.param(1, 1.0, False, id="int-float"),
        pytest.param("1", 1, False, id="text-int"),
        pytest.param({1: "a"}, {True: "a"}, False, id="key-int-bool"),
        pytest.param([1, 2], [2, 1], False, id="order-of-a-list"),
        pytest.param([1], [1, 2], False, id="length"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, id="order-of-keys"),
        pytest.param(float("nan"), float("nan"), True, id="nan"),
        pytest.param(None, None, True, id="null"),
        pytest.param({}, [], False, id="empty"),
    ],
)
def test_same(left: Any, right: Any, result: bool) -> None:
    assert same(left, right) is result
    assert same([{"a": left}], [{"a": right}]) is result
