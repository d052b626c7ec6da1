# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a play sets as a variable of the role: the check ends in words that name a variable, or lets it pass."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.plugin_utils.role import PREFIX, RoleVariables
from ansible_collections.rackspace.identity.plugins.plugin_utils.role_rules import problem
from ansible_collections.rackspace.identity.tests.unit.plugins.bad_input import CANARY, up_to_three, values, with_canary

ROLE = Path(__file__).resolve().parents[4] / "roles" / "mfa_otp"
SPECS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
JOBS = {"main": "enroll", "rotate": "rotate", "recover": "recover", "remove": "remove"}
GOOD = {"mfa_otp_username": "jo", "mfa_otp_password": f"{CANARY}-password", "mfa_otp_vault_file": "/vault.yml"}
SECRETS = ("password", "api_key", "auth_token", "passcode", "secret", "code")
BAD = {
    entry_point: up_to_three(
        {name: values.map(with_canary) if name.endswith(SECRETS) else values for name in spec["options"]}
    )
    for entry_point, spec in SPECS.items()
}


@pytest.mark.parametrize("entry_point", SPECS)
@settings(deadline=None)
@given(data=st.data())
def test_any_value_of_any_variable(entry_point: str, data: st.DataObject) -> None:
    bad = data.draw(BAD[entry_point])
    around = {"_mfa_otp_job": JOBS[entry_point]}
    variables = RoleVariables({**DEFAULTS, **GOOD, **bad, **around}, lambda value: value)
    told = problem(variables, check_mode=data.draw(st.booleans()))
    assert told is None or PREFIX in told
    assert CANARY not in str(told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mfa_otp_bypass_codes", [CANARY]),
        ("mfa_otp_bypass_codes", CANARY),
        ("mfa_otp_store", {"type": "hashi_vault", "token": CANARY}),
        ("mfa_otp_hashi_vault", [CANARY]),
        ("mfa_otp_hashi_vault", CANARY),
        ("mfa_otp_store_command", {"token": CANARY}),
        ("mfa_otp_verify", CANARY),
        *[(f"mfa_otp_{name}", {"x": CANARY}) for name in SECRETS],
    ],
)
def test_core_shows_no_secret_in_the_wrong_place(name: str, value: object) -> None:
    """It compares variables with the specs before the role begins, and shows what is wrong."""
    outcome = ArgumentSpecValidator(SPECS["main"]["options"]).validate({**GOOD, name: value})
    assert CANARY not in str(outcome.error_messages)
