# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an otpauth URI says."""

from __future__ import annotations

DOCUMENTATION = r"""
name: otpauth
short_description: Take an otpauth URI apart
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Reads a URI of the form C(otpauth://totp/), as services show it in a QR code, and returns what it says.
  - Rackspace Identity does not quote all characters of a device's name. The filter reads such a URI as it was meant.
  - URIs for counters, C(otpauth://hotp/), are refused. No message ever repeats the URI.
  - The result holds the secret. Give the task C(no_log=true).
options:
  _input:
    description: The URI.
    type: str
    required: true
seealso:
  - plugin: rackspace.identity.totp
    plugin_type: lookup
  - plugin: rackspace.identity.otp_qr
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep the parts of a URI
  ansible.builtin.set_fact:
    portal_otp: "{{ portal_key_uri | rackspace.identity.otpauth }}"
  no_log: true
# For otpauth://totp/ACME:jane?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME&digits=8 that is
#   account: jane
#   algorithm: SHA1
#   digits: 8
#   issuer: ACME
#   period: 30
#   secret: GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
"""

RETURN = r"""
_value:
  description: What the URI says, with the defaults of such URIs for what it leaves out.
  type: dict
  contains:
    account:
      description: What the secret was given out for, at Rackspace Identity the device's name. V(null) if there is none.
      type: str
      sample: ansible
    algorithm:
      description: The hash algorithm, V(SHA1), V(SHA256) or V(SHA512).
      type: str
      sample: SHA1
    digits:
      description: The length of a code.
      type: int
      sample: 6
    issuer:
      description: Who gave the secret out. V(null) if the URI does not say so.
      type: str
      sample: Rackspace
    period:
      description: How many seconds a time step lasts.
      type: int
      sample: 30
    secret:
      description: The secret, as base32 in upper case without padding.
      type: str
      sample: GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.otp.key_uri import SecretError
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import parse_uri
from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import plain
from ansible_collections.rackspace.identity.plugins.plugin_utils.refused_option import unknown

if TYPE_CHECKING:
    from collections.abc import Callable


def otpauth(value: Any, **others: Any) -> dict[str, Any]:
    """What the URI says, as plain data. It has no options."""
    if refusal := unknown("otpauth", others):
        raise AnsibleFilterError(refusal)
    try:
        uri = plain(value)
        if not isinstance(uri, str):
            raise AnsibleFilterError("otpauth takes an otpauth URI, which is a string.")
        return asdict(parse_uri(uri))
    except (SecretError, OptionError) as exc:
        # `from None`: newer cores print the words of a cause.
        raise AnsibleFilterError(f"otpauth: {exc}") from None


class FilterModule:
    """The filter, for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"otpauth": otpauth}
