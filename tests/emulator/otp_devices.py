# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OTP devices (contract, OTP devices)."""

from __future__ import annotations

from typing import Any

from . import qr, totp
from .call import Call
from .ids import new_hex
from .passcodes import match
from .policy import end_setup
from .state import OtpDevice, User
from .wire import Answer, Refusal

_ROOT = "RAX-AUTH:otpDevice"
# The contract names no longest name. At this length the key URI of any name still fits into a QR code.
_LONGEST_NAME = 200


def create(call: Call) -> Answer:
    """`POST …/otp-devices`: the only answer that ever holds the secret."""
    user = call.multi_factor_target()
    name = call.members(_ROOT, {"name": str}).get("name", "")
    if not name.strip():
        raise Refusal(400, "Must provide a name for an OTP device")
    if len(name) > _LONGEST_NAME:
        raise Refusal(400, f"The name of an OTP device may have at most {_LONGEST_NAME} characters")
    if call.behavior.duplicate_names == "refused" and name in {device.name for device in user.otp_devices.values()}:
        raise Refusal(400, "The name of an OTP device must be unique")
    if len(user.otp_devices) >= call.behavior.most_devices:
        raise Refusal(400, "You have added the maximum number of devices allowed for your profile")
    device = OtpDevice(new_hex(), name, totp.new_secret())
    uri = totp.key_uri(name, device.secret)
    body = {_ROOT: _body(device) | {"keyUri": uri, "qrcode": qr.data_uri(uri)}}
    user.otp_devices[device.id] = device
    end_setup(call, user)
    call.world.ledger.note("otp_secrets", totp.encode_secret(device.secret))
    if call.behavior.bracket_names == "fail" and set("[]") & set(name):
        raise Refusal(500, "Illegal character in the key URI")
    return Answer(call.behavior.creation_status, body, [("Location", _location(call, user, device))])


def _location(call: Call, user: User, device: OtpDevice) -> str:
    last = device.id if call.behavior.location == "right" else "otp-devices"
    return f"{call.base_url}/v2.0/users/{user.id}/RAX-AUTH/multi-factor/otp-devices/{last}"


def _body(device: OtpDevice) -> dict[str, Any]:
    return {"id": device.id, "name": device.name, "verified": device.verified}


def listed(call: Call, user: User) -> list[dict[str, Any]]:
    """The devices in no defined order, or none at all by mistake (`empty_device_lists`)."""
    if user.otp_devices and user.empty_lists_served < call.behavior.empty_device_lists:
        user.empty_lists_served += 1
        return []
    return [_body(device) for device in call.world.ordered(user.otp_devices.values(), call.behavior.list_order)]


def list_devices(call: Call) -> Answer:
    """`GET …/otp-devices`."""
    return Answer(200, {"RAX-AUTH:otpDevices": listed(call, call.multi_factor_target())})


def _device(call: Call, user: User) -> OtpDevice:
    device = user.otp_devices.get(call.params["device"])
    if device is None:
        raise Refusal(404, "The specified OTP device was not found")
    return device


def get_device(call: Call) -> Answer:
    """`GET …/otp-devices/{device}`."""
    return Answer(200, {_ROOT: _body(_device(call, call.multi_factor_target()))})


def verify(call: Call) -> Answer:
    """`POST …/otp-devices/{device}/verify`. Failures never lock."""
    device = _device(call, call.multi_factor_target())
    code = call.members("RAX-AUTH:verificationCode", {"code": str}).get("code", "")
    call.world.ledger.note("codes", code)
    if device.verified:
        raise Refusal(400, "The specified device has already been verified")
    call.entry.passcode = match(device, code, "verification", call.world.clock.now(), call.behavior)
    if call.entry.passcode != "accepted":
        raise Refusal(400, "The provided pin is either invalid or expired.")
    device.verified = True
    return Answer(204)


def delete(call: Call) -> Answer:
    """`DELETE …/otp-devices/{device}`: not the one that the next login needs."""
    user = call.multi_factor_target()
    device = _device(call, user)
    if user.mfa_enabled and user.factor_type == "OTP" and user.verified_devices() == [device]:
        raise Refusal(400, "You can not delete the last verified OTP device while multi-factor is enabled")
    del user.otp_devices[device.id]
    return Answer(call.behavior.deletion_status)
