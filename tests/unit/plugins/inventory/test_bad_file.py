# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever stands in an inventory file: hosts, or an error of the parser in words that show no secret."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.inventory.data import InventoryData
from ansible.utils.display import Display
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import Answer
from ansible_collections.rackspace.identity.plugins.module_utils.login import session as session_module
from ansible_collections.rackspace.identity.plugins.module_utils.run.masking import PART, WHOLE
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC
from ansible_collections.rackspace.identity.tests.unit.plugins.bad_input import (
    CANARY,
    away_from_home,
    content,
    texts,
    up_to_three,
    values,
    with_canary,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import (
    INVENTORY,
    inventory_options,
    parse_inventory,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments, SimulatedTransport

GOOD = {
    "plugin": INVENTORY,
    "username": "boss",
    "api_key": "the key of boss",
    "auth_endpoint": "https://identity.example.com",
}
SECRETS = [name for name, option in AUTH_SPEC.argument_spec.items() if option.get("no_log")]
VALUES = {
    name: values.map(with_canary) if name in SECRETS else values for name in inventory_options() if name != "plugin"
}
USERS = [{"id": "1", "username": "jo"}, {"id": "9", "username": "boss", "RAX-AUTH:domainId": "100"}]


class DomainTransport(SimulatedTransport):
    """A domain of two users, who have no devices."""

    def __init__(self, *_unused: Any, **_options: Any) -> None:
        super().__init__(FrozenService(), None)  # type: ignore[arg-type]

    def _once(self, _method: str, url: str, *_unused: Any) -> Answer:
        if "otp-devices" in url:
            told: Any = {"RAX-AUTH:otpDevices": []}
        elif "/tokens" in url:
            told = {"access": {"token": {"id": "t"}, "user": {"id": "9", "name": "boss", "RAX-AUTH:domainId": "100"}}}
        else:
            told = {"users": USERS} if url.endswith("/users") or "?" in url else {"user": USERS[1]}
        return Answer(200, {}, json.dumps(told).encode())


class FrozenService:
    """What the transport needs of a service."""

    moments = Moments()
    epoch = 1_900_000_000.0


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("inventory")
    with away_from_home(folder) as patch:
        patch.setattr(session_module, "Transport", DomainTransport)
        yield folder


def as_yaml(data: Mapping[str, Any]) -> str:
    """Return the text of a file; what YAML has no form for is written as text."""
    try:
        return str(yaml.dump(dict(data), Dumper=yaml.CSafeDumper, allow_unicode=True))
    except (yaml.YAMLError, UnicodeEncodeError):
        return json.dumps(data, default=str, skipkeys=True)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(bad=up_to_three(VALUES))
def test_any_value_of_any_option(bad: dict[str, Any], folder: Path) -> None:
    before = {*content(folder), "rax_users.yml"}
    outcome = parse_inventory(folder, as_yaml({**GOOD, **bad}))
    assert set(content(folder, "state", ".local")) <= before
    if isinstance(outcome, InventoryData):
        assert set(outcome.hosts) <= {"jo", "boss", "user-1", "user-9"} or "hostname" in bad
    else:
        assert CANARY not in outcome
        assert outcome.strip()


@pytest.mark.parametrize("option", ["api_key", "password", "timeout", "threads", "hostvars_prefix", "cache_timeout"])
@pytest.mark.parametrize("value", [[CANARY], {"a": CANARY}], ids=["list", "dictionary"])
def test_no_value_of_a_wrong_type_is_shown(option: str, value: Any, folder: Path) -> None:
    """In whatever option: a secret may stand in the wrong one."""
    outcome = parse_inventory(folder, as_yaml({**GOOD, option: value}))
    assert isinstance(outcome, str)
    assert CANARY not in outcome
    assert "option" in outcome


@pytest.mark.parametrize(
    ("hostname", "hosts"),
    [
        ("rax_id", None),
        ("{ rax_id }", None),
        ("{{ rax_id }}", {"1", "9"}),
        ("{% if rax_id == '1' %}one{% else %}nine{% endif %}", {"one", "nine"}),
        ("", {"jo", "boss"}),
        (None, {"jo", "boss"}),
    ],
)
def test_the_name_of_a_host_is_a_template(hostname: str | None, hosts: set[str] | None, folder: Path) -> None:
    outcome = parse_inventory(folder, as_yaml({**GOOD, "hostname": hostname}))
    if isinstance(outcome, InventoryData):
        assert set(outcome.hosts) == hosts
    else:
        assert hosts is None
        assert "hostname must be a template, such as '{{ rax_id }}'" in outcome


@pytest.mark.parametrize("option", ["password", "auth_endpoint"])
@pytest.mark.parametrize("value", ["pass{{%s", "pass{%% %s %%}", "pass{{ %s. }}", "#jinja2: %s\nx"])
def test_no_text_that_fails_as_a_template_is_shown(option: str, value: str, folder: Path) -> None:
    outcome = parse_inventory(folder, as_yaml({**GOOD, option: value % "canary_7351"}))
    assert isinstance(outcome, str)
    assert "canary" not in outcome


def test_only_of_a_secret_option_is_a_missing_variable_not_named(folder: Path) -> None:
    hidden, named = (
        parse_inventory(folder, as_yaml({**GOOD, name: "a{{ nosuch }}"})) for name in ("api_key", "ca_path")
    )
    assert hidden == "The option api_key can't be worked out: its template fails."
    assert isinstance(named, str)
    assert "'nosuch' is undefined" in named


@pytest.mark.parametrize("option", ["validate_certs", "allow_http", "devices", "cache", "strict"])
@pytest.mark.parametrize(
    "value", ["ture", "{{ nosuch }}", "{{ [true] }}", ""], ids=["typo", "undefined", "list", "empty"]
)
def test_what_is_neither_true_nor_false_is_refused(option: str, value: str, folder: Path) -> None:
    """Core takes it for false, and certificates would not be verified."""
    outcome = parse_inventory(folder, as_yaml({**GOOD, option: value}))
    assert isinstance(outcome, str)
    assert outcome.startswith(f"The option {option} ")


def test_an_option_that_is_mistyped_is_refused(folder: Path) -> None:
    """Users whom a filter should leave out would be worked on."""
    outcome = parse_inventory(folder, as_yaml({**GOOD, "exclude_filter": ["rax_name == 'boss'"]}))
    assert outcome == "The inventory has no option exclude_filter. Correct the name, or remove it."


@pytest.mark.parametrize(
    ("value", "warnings"), [("{{ true }}", 0), ("{{ 'yes' }}", 0), (None, 0), (False, 1), ("{{ false }}", 1)], ids=str
)
def test_certificates_are_verified_unless_a_warning_says_otherwise(
    value: Any, warnings: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda _self, text: told.append(text))
    assert isinstance(parse_inventory(folder, as_yaml({**GOOD, "validate_certs": value})), InventoryData)
    assert len([text for text in told if "certificate" in text]) == warnings, told


def test_options_of_every_type_may_be_templates(folder: Path) -> None:
    options = {"devices": "{{ true }}", "threads": "{{ 2 }}", "timeout": "{{ 5 }}", "use": "{{ 'secret' }}"}
    outcome = parse_inventory(folder, as_yaml({**GOOD, **options}))
    assert isinstance(outcome, InventoryData), outcome
    assert "otp_devices_many" in outcome.groups


def test_a_key_that_the_service_repeats_in_names_is_in_no_variable_host_or_group(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = str(GOOD["api_key"])
    told = {"id": "2", "username": key, "RAX-AUTH:multiFactorEnabled": True, "RAX-AUTH:factorType": f"of {key}"}
    monkeypatch.setattr(sys.modules[__name__], "USERS", [*USERS, told])
    outcome = parse_inventory(folder, as_yaml(GOOD))
    assert isinstance(outcome, InventoryData), outcome
    assert set(outcome.hosts) == {"jo", "boss", WHOLE}
    assert outcome.hosts[WHOLE].vars["rax_mfa_factor_type"] == f"of {PART}"
    assert key not in str([(host.name, host.vars) for host in outcome.hosts.values()] + list(outcome.groups))


def test_a_key_of_the_users_own_in_a_stored_entry_changes_no_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service does not know it, and has it by chance alone."""
    monkeypatch.setattr(sys.modules[__name__], "USERS", [*USERS, {"id": "2", "username": "platform-ci"}])
    stored = {"username": "boss", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "team": "platform"}
    outcome = parse_inventory(folder, as_yaml({**GOOD, "otp_secret": stored}))
    assert isinstance(outcome, InventoryData), outcome
    assert set(outcome.hosts) == {"jo", "boss", "platform-ci"}


@pytest.mark.parametrize("part", [{"bypass_codes": 12345678}, {"bypass_codes": [12345678]}, {"next": "text"}], ids=str)
def test_a_part_of_a_stored_entry_that_is_of_no_use_is_no_hindrance(folder: Path, part: dict[str, Any]) -> None:
    stored = {"username": "boss", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}
    outcome = parse_inventory(folder, as_yaml({**GOOD, "otp_secret": {**stored, **part}}))
    assert isinstance(outcome, InventoryData), outcome


@pytest.mark.parametrize("option", ["include_filters", "exclude_filters"])
@pytest.mark.parametrize("condition", [None, 7, ["x"]], ids=["nothing", "number", "list"])
def test_a_filter_that_is_no_text_is_an_error_in_words(option: str, condition: Any, folder: Path) -> None:
    outcome = parse_inventory(folder, as_yaml({**GOOD, option: [condition]}))
    assert isinstance(outcome, str)
    assert outcome.startswith("The filter ")


@pytest.mark.parametrize(
    "bad",
    [{"groups": {1: "rax_name == 'boss'"}}, {"keyed_groups": [{"key": "rax_name", "parent_group": 1}]}],
    ids=str,
)
def test_a_part_of_a_wrong_type_is_an_error_in_words(bad: dict[str, Any], folder: Path) -> None:
    outcome = parse_inventory(folder, as_yaml({**GOOD, **bad}))
    assert isinstance(outcome, str)
    assert outcome.startswith("The option compose, groups or keyed_groups ")


@pytest.mark.parametrize("option", ["username", "api_key", "tenant_name"])
def test_a_name_that_yaml_reads_as_a_number_is_refused(option: str, folder: Path) -> None:
    others = {name: value for name, value in GOOD.items() if name != option}
    outcome = parse_inventory(folder, f"{as_yaml(others)}{option}: 0123\n")
    assert f"The option {option} is not text" in str(outcome)


def others(**boss: Any) -> InventoryData:
    """Return what other sources made: a server with the name of a user, a user, and groups with names of ours.

    :param boss: variables of the user.
    """
    inventory = InventoryData()
    for group, host in (("web", "jo"), ("rax_users", "boss"), ("mfa_needs_work", "www1")):
        inventory.add_host(host, inventory.add_group(group))
    for name, value in boss.items():
        inventory.set_variable("boss", name, value)
    return inventory


@pytest.mark.parametrize("known", [{}, {"rax_id": "9"}, {"rax_id": 9}], ids=str)
def test_a_server_with_the_name_of_a_user_is_no_user(known: dict[str, Any], folder: Path) -> None:
    outcome = parse_inventory(folder, as_yaml(GOOD), others(**known))
    assert isinstance(outcome, InventoryData)
    assert {host.name for host in outcome.groups["rax_users"].get_hosts()} == {"boss", "user-1"}
    assert {host.name for host in outcome.groups["web"].get_hosts()} == {"jo"}
    assert outcome.hosts["boss"].vars["rax_id"] == "9"
    assert {host.name for host in outcome.groups["mfa_off"].get_hosts()} == {"boss", "user-1"}


def test_a_user_of_another_domain_is_another_one(folder: Path) -> None:
    outcome = parse_inventory(folder, as_yaml(GOOD), others(rax_id="1009"))
    assert isinstance(outcome, InventoryData)
    assert {host.name for host in outcome.groups["mfa_off"].get_hosts()} == {"user-1", "user-9"}
    assert outcome.hosts["boss"].vars["rax_id"] == "1009"


def test_what_fails_half_way_leaves_what_others_made(folder: Path) -> None:
    """A group that stayed empty would be one that has nobody today."""
    half_way = {"strict": True, "groups": {"svc": "rax_name != 'x'"}, "compose": {"c": "1 // (rax_name | length - 4)"}}
    there = others()
    assert isinstance(parse_inventory(folder, as_yaml({**GOOD, **half_way}), there), str)
    assert "rax_inventory_failed" in there.groups


@pytest.mark.parametrize(
    ("written", "is_told"),
    [
        ("plugin: acme.own.users", False),
        ("web: {hosts: {web1: {}}}", False),
        ("- web", True),
        ("a: [", True),
        ("", True),
    ],
)
def test_only_an_inventory_of_ours_fails(written: str, is_told: bool, folder: Path) -> None:
    """Another plugin may read the file. What none can read is taken for ours, by its name."""
    there = others()
    assert isinstance(parse_inventory(folder, written, there), str)
    assert ("rax_inventory_failed" in there.groups) is is_told


def test_a_group_with_the_name_of_a_user_does_not_take_its_place(folder: Path) -> None:
    keyed = [{"key": "'jo'", "prefix": "", "separator": ""}]
    conditions = ("rax_name == 'boss'", "rax_name == 'jo'", "true")  # core refuses a group that is to hold its namesake
    wrong: list[dict[str, Any]] = [{"groups": {"jo": condition}} for condition in conditions]
    for options in (*wrong, {"keyed_groups": keyed}):
        refusal = parse_inventory(folder, as_yaml({**GOOD, **options}))
        assert isinstance(refusal, str)
        assert "makes the group jo, which is the name of a host, too" in refusal


@pytest.mark.parametrize("host", ["www1", "vip"])
def test_a_group_with_the_name_of_another_host_is_refused_and_one_by_hand_is_left(folder: Path, host: str) -> None:
    there = others()
    there.add_host("vip", there.add_group("vip"))
    refusal = parse_inventory(folder, as_yaml({**GOOD, "groups": {host: "rax_name == 'boss'"}}), there)
    assert isinstance(refusal, str) is (host == "www1")


def test_conditions_see_what_another_inventory_says_of_a_user(folder: Path) -> None:
    outcome = parse_inventory(folder, as_yaml({**GOOD, "groups": {"vip": "team == 'vip'"}}), others(team="vip"))
    assert isinstance(outcome, InventoryData)
    assert [host.name for host in outcome.groups["vip"].hosts] == ["boss"]


def test_a_loop_of_groups_fails_and_leaves_nothing(folder: Path) -> None:
    there = others()
    there.add_child("web", there.add_group("staff"))
    loop = {"keyed_groups": [{"key": "'web'", "prefix": "", "separator": "", "parent_group": "staff"}], "strict": True}
    assert isinstance(parse_inventory(folder, as_yaml({**GOOD, **loop}), there), str)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(written=st.one_of(texts, values.map(lambda value: json.dumps(value, default=str, skipkeys=True))))
def test_any_file(written: str, folder: Path) -> None:
    assert isinstance(parse_inventory(folder, written), str)
