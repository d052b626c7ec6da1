#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.auth import Target
from ansible_collections.rackspace.identity.plugins.module_utils.devices import Devices, Wish, check_name, check_room
from ansible_collections.rackspace.identity.plugins.module_utils.errors import NotFound, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.model import Device
from ansible_collections.rackspace.identity.plugins.module_utils.options import AUTH_SPEC, TARGET_SPEC
from ansible_collections.rackspace.identity.plugins.module_utils.runner import ModuleLike, ModuleSpec, execute
from ansible_collections.rackspace.identity.plugins.module_utils.task import open_session, read_secret
from ansible_collections.rackspace.identity.plugins.module_utils.verification import Verified, Verifier

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "name": {"type": "str"},
            "device_id": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "verified", "absent"], "default": "present"},
            "secret": {"type": "raw", "no_log": True},
            "code": {"type": "str", "no_log": True},
            "on_unverified": {"type": "str", "choices": ["keep", "replace"], "default": "keep"},
            "keep_ids": {"type": "list", "elements": "str", "default": []},
        },
        required_one_of=(("name", "device_id"),),
        required_if=(("state", "verified", ("secret", "code"), True),),
    )
)
HOLDS_SECRETS: tuple[str, ...] = ("secret", "key_uri", "qrcode")


def run(module: ModuleLike) -> dict[str, Any]:
    """Bring one OTP device into the state that is asked for."""
    wish = _wish(module)
    with open_session(module) as session:
        target = Target(session, module.params.get)
        devices = Devices(session.client, target.id)
        if module.params["state"] == "verified":
            return _verified(module, target, devices, wish)
        if module.params["state"] == "absent":
            return _absent(module, devices, wish)
        return _present(module, devices, wish)


def _wish(module: ModuleLike) -> Wish:
    params = module.params
    if params["state"] == "present" and params["name"] is not None:
        check_name(params["name"])
    return Wish(
        name=params["name"] or None,
        device_id=params["device_id"] or None,
        replace=params["state"] == "present" and params["on_unverified"] == "replace",
        keep_ids=frozenset(params["keep_ids"]),
    )


def _present(module: ModuleLike, devices: Devices, wish: Wish) -> dict[str, Any]:
    plan = devices.find(wish)
    if plan.device:
        return _report(plan.device, before=[plan.device], after=[plan.device])
    if not wish.name:
        raise NotFound(f"There is no OTP device with the id {wish.device_id}. Give a name to have one created.")
    if module.check_mode:
        check_room(devices.list(), plan)
        expected = Device(id="", name=wish.name, verified=False)
        return _report(expected, before=plan.remove, after=[expected])
    new = devices.create(wish, plan)
    secrets = {"secret": new.secret, "key_uri": new.key_uri, "qrcode": new.qrcode}
    return {**_report(new.device, before=plan.remove, after=[new.device]), **secrets}


def _verified(module: ModuleLike, target: Target, devices: Devices, wish: Wish) -> dict[str, Any]:
    otp, code = read_secret("secret", module.params["secret"]), module.params["code"] or None
    if module.check_mode or not wish.device_id:
        device = devices.find(wish).device
        if device is None:
            raise NotFound("There is no such OTP device to verify. Create it first with state: present.")
    else:
        # The verification itself tells whether the device is there and was verified before: no read.
        device = Device(wish.device_id, wish.name or "", verified=False)
    verifier = Verifier(devices.client, target.id, device.id, target.record)
    if device.verified or module.check_mode:
        outcome = Verified(changed=not device.verified)
    elif code:
        outcome = verifier.by_code(code, otp)
    elif otp:
        outcome = verifier.by_secret(otp)
    else:
        raise OptionError("state: verified needs secret (the code is computed) or code (a code from the device).")
    before = Device(device.id, device.name, verified=not outcome.changed)
    after = Device(device.id, device.name, verified=True)
    return {**_report(after, before=[before], after=[after]), "step_offset": outcome.step_offset}


def _absent(module: ModuleLike, devices: Devices, wish: Wish) -> dict[str, Any]:
    device = devices.find(wish).device
    if device is None:
        return {"changed": False, "device": None, "diff": {"before": {"devices": []}, "after": {"devices": []}}}
    if not module.check_mode:
        devices.delete(device)
    return {**_report(device, before=[device], after=[]), "device": None}


def _report(device: Device, *, before: Sequence[Device], after: Sequence[Device]) -> dict[str, Any]:
    """`changed` and the diff out of one comparison; public facts only."""
    was, now = ([item.facts() for item in items] for items in (before, after))
    return {
        "changed": was != now,
        "device": device.facts(),
        "diff": {"before": {"devices": was}, "after": {"devices": now}},
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
