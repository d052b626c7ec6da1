# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of the audit, up to what it asks the service."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.rackspace.identity.plugins.action.rax_mfa_audit import ActionModule
from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import VARIABLES, instance_of


def refuse(_value: Any) -> None:
    raise AnsibleError("its template fails")


@pytest.mark.parametrize("fails", [False, True])
def test_no_secret_stays_in_the_arguments_when_nothing_is_read(tmp_path: Path, fails: bool) -> None:
    """Every callback has the arguments of a task of the playbook when it is over."""
    args = {"username": "admin", "password": "p4ss", "entries": [{"secret": "s3cret"}], "otp_secret": "s3cret"}
    it = instance_of(ActionModule, tmp_path, args=args)
    if fails:
        it._templar = SimpleNamespace(template=refuse)
    variables = {**VARIABLES, "_mfa_names": {}, "_mfa_audit_fails_on": ["HIGH"]}
    with pytest.raises(AnsibleError) if fails else contextlib.nullcontext():
        assert "has HIGH, and can have" in it.run(None, variables)["msg"]
    assert it._task.args["username"] == "admin"
    assert "p4ss" not in str(it._task.args)
    assert "s3cret" not in str(it._task.args)
