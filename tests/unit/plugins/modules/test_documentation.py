# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module: what its documentation says is what it takes, and it is complete."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml

from ansible_collections.rackspace.identity.plugins.doc_fragments import attributes, auth, store, target

NAMES = (
    "rax_auth_token",
    "rax_bypass_codes",
    "rax_mfa_audit",
    "rax_mfa_domain",
    "rax_mfa_domain_info",
    "rax_mfa_info",
    "rax_mfa_settings",
    "rax_mfa_status",
    "rax_mobile_phone",
    "rax_otp_device",
    "rax_otp_device_info",
)
ATTRIBUTES = {"check_mode", "diff_mode", "idempotent", "platform", "action_group"}
# Short or enumerated values are not masked: masking is by substring.
SECRET = {"password", "api_key", "auth_token", "otp_secret", "passcode", "secret", "code", "proof_password", "entries"}


@pytest.fixture(params=NAMES)
def module(request: pytest.FixtureRequest) -> Any:
    return importlib.import_module(f"ansible_collections.rackspace.identity.plugins.modules.{request.param}")


def documented(module: Any) -> dict[str, Any]:
    """The module's documentation with its fragments."""
    doc: dict[str, Any] = yaml.safe_load(module.DOCUMENTATION)
    options, told = dict(doc.get("options") or {}), dict(doc.get("attributes") or {})
    for fragment in doc["extends_documentation_fragment"]:
        name, part = [*fragment.removeprefix("rackspace.identity.").split("."), ""][:2]
        source = {"auth": auth, "store": store, "target": target, "attributes": attributes}[name].ModuleDocFragment
        more = yaml.safe_load(getattr(source, part.upper() or "DOCUMENTATION"))
        options |= more.get("options") or {}
        for key, value in (more.get("attributes") or {}).items():
            told[key] = {**value, **told.get(key, {})}
    return {**doc, "options": options, "attributes": told}


def test_options_are_documented_as_they_are_specified(module: Any) -> None:
    options = documented(module)["options"]
    spec = module.SPEC.argument_spec
    assert set(options) == set(spec)
    for option, says in options.items():
        is_like = {key: spec[option].get(key) for key in ("type", "choices", "default", "elements", "required")}
        assert {key: says.get(key) for key in is_like} == is_like, option
        assert bool(spec[option].get("no_log")) is (option in SECRET), option


def test_the_documentation_is_complete(module: Any) -> None:
    doc, name = documented(module), module.__name__.rpartition(".")[2]
    assert doc["module"] == name
    assert doc["version_added"] == "1.0.0"
    assert set(doc["attributes"]) == ATTRIBUTES
    for attribute, says in doc["attributes"].items():
        assert says.get("support"), attribute
        assert says["support"] == "full" or says.get("details"), attribute
    for key, says in yaml.safe_load(module.RETURN).items():
        assert {"description", "returned", "type"} <= set(says), key
        assert "sample" in says or "contains" in says, key
    examples = yaml.safe_load(module.EXAMPLES)
    assert all(task["name"] for task in examples)
    mine = [task[f"rackspace.identity.{name}"] for task in examples if f"rackspace.identity.{name}" in task]
    assert mine
    assert all(set(options) <= set(doc["options"]) for options in mine)
    if "target_user" in doc["options"]:
        assert any("target_user" in options for options in mine), "an example for administrators"
    assert any("auth_token" in str(task) for task in examples), "an example by token"


def test_what_holds_a_secret_is_returned_and_said_to_be_one(module: Any) -> None:
    returned = yaml.safe_load(module.RETURN)
    for key in module.HOLDS_SECRETS:
        assert "secret" in str(returned[key]["description"]).lower()
