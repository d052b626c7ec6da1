# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""QR codes for authenticator apps."""

from __future__ import annotations

DOCUMENTATION = r"""
name: otp_qr
short_description: Draw an otpauth URI as a QR code
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Draws the QR code that an authenticator app scans to take over the secret of a URI of the form C(otpauth://totp/).
  - The code holds the URI as it is, with one exception. If a C(?) or C(#) of the name is not quoted, as happens in
    URIs of Rackspace Identity, the code holds it quoted, since apps would take the rest of the name for parameters.
  - The result shows the secret to anyone who sees it. Give the task C(no_log=true), or show it only to the person
    it is for.
positional: format
options:
  _input:
    description: The URI.
    type: str
    required: true
  format:
    description:
      - V(terminal) is text made of half blocks, two rows of modules a line. It is about 45 columns wide and 23 lines
        high and needs a font with fixed width and UTF-8.
      - V(svg) is an SVG element, good as the content of a file and inside an HTML page.
      - V(png) is the content of a PNG file in base64. To write the file, pass it through
        P(ansible.builtin.b64decode#filter). To show it in an HTML page, put C(data:image/png;base64,) before it.
    type: str
    choices: [terminal, svg, png]
    default: terminal
  border:
    description: The width of the light border in modules. Readers need it, and the standard asks for V(4).
    type: int
    default: 4
  scale:
    description: The size of a module in pixels, from V(1) to V(100), for V(svg) and V(png).
    type: int
    default: 8
  background:
    description:
      - What the terminal looks like that the text is shown on, for O(format=terminal). Readers look for dark modules on
        light ground. Plain text has the terminal's own colors, and is made for one kind of terminal.
      - V(dark) is text for light letters on dark ground. Shown on light ground it is a negative, which some readers
        do not take.
      - V(light) is text for dark letters on light ground.
      - V(any) sets black and white by escape sequences and is right everywhere, as long as they reach the terminal.
        M(ansible.builtin.pause) passes them on, M(ansible.builtin.debug) shows them as text.
    type: str
    choices: [dark, light, any]
    default: dark
notes:
  - The Python library segno must be installed for the Python that runs Ansible.
seealso:
  - plugin: rackspace.identity.otpauth
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the code line by line
  ansible.builtin.debug:
    msg: "{{ (portal_key_uri | rackspace.identity.otp_qr).splitlines() }}"

- name: Show the code on any terminal and wait
  ansible.builtin.pause:
    prompt: "{{ portal_key_uri | rackspace.identity.otp_qr(background='any') }}\nScan the code, then press enter"

- name: Write it as a PNG
  ansible.builtin.copy:
    content: "{{ portal_key_uri | rackspace.identity.otp_qr('png') | b64decode }}"
    dest: portal.png
    mode: "0600"
  no_log: true

- name: Write it as an SVG of small modules
  ansible.builtin.copy:
    content: "{{ portal_key_uri | rackspace.identity.otp_qr('svg', scale=4) }}"
    dest: portal.svg
    mode: "0600"
  no_log: true
"""

RETURN = r"""
_value:
  description: The QR code, as O(format) says.
  type: str
"""

import base64
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.identity.plugins.plugin_utils import qr
from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import plain
from ansible_collections.rackspace.identity.plugins.plugin_utils.refused_option import unknown

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("terminal", "svg", "png")
MAX_BORDER = 100
MAX_SCALE = 100


def otp_qr(
    value: Any,
    format: str = "terminal",  # noqa: A002 - the option's public name, which is what users of other filters expect
    border: int = qr.QUIET_ZONE,
    scale: int = 8,
    background: str = "dark",
    **others: Any,
) -> str:
    """The QR code as text; of a PNG, its base64."""
    if refusal := unknown("otp_qr", others):
        raise AnsibleFilterError(refusal)
    _check(format, border, scale, background)
    try:
        uri = plain(value)
        if not isinstance(uri, str):
            raise AnsibleFilterError("otp_qr takes an otpauth URI, which is a string.")
        if format == "svg":
            return qr.svg(uri, border=border, scale=scale)
        if format == "png":
            return base64.b64encode(qr.png(uri, border=border, scale=scale)).decode("ascii")
        return qr.terminal(uri, border=border, background=background)
    except (ValueError, qr.SegnoMissing) as exc:
        # `from None`: newer cores print the words of a cause.
        raise AnsibleFilterError(f"otp_qr: {exc}") from None


def _check(kind: Any, border: Any, scale: Any, background: Any) -> None:
    for name, text, choices in (("format", kind, FORMATS), ("background", background, qr.BACKGROUNDS)):
        if text not in choices:
            raise AnsibleFilterError(f"otp_qr: {name} must be one of {', '.join(choices)}.")
    for name, number, least, most in (("border", border, 0, MAX_BORDER), ("scale", scale, 1, MAX_SCALE)):
        if not isinstance(number, int) or not least <= number <= most:
            raise AnsibleFilterError(f"otp_qr: {name} must be a whole number from {least} to {most}.")


class FilterModule:
    """The filter, for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"otp_qr": otp_qr}
