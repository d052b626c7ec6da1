# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that a person scans an OTP device from: one HTML file that needs nothing else. Private to the collection."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from string import Template

from ..module_utils.otp.secret import requote
from . import qr
from .enrollment import Enrollment

_TITLE = "OTP device "
_SCALE = 12
"""Pixels a module. The style scales the picture down if the screen is small, and paper takes all of them."""

_STYLE = """
:root { color-scheme: light; }
body { max-width: 34rem; margin: 0 auto; padding: 1rem; background: #fff; color: #111;
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; line-height: 1.25; }
img { display: block; width: 100%; max-width: 26rem; margin: 0 auto; image-rendering: pixelated; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { color: #444; }
dd { margin: 0; }
.key { font: 600 1.25rem/1.6 ui-monospace, monospace; }
.keep { padding: .75rem; border: 2px solid #b00; }
@media print { body { max-width: none; } a { display: none; } }
"""

# No script, no form and no request, whatever a name may bring in. The style is allowed by what it is.
_POLICY = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
    + "'"
)

# Not to be translated: a browser would send the text, and the key with it, to a service.
_PAGE = Template("""\
<!DOCTYPE html>
<html lang="en" translate="no">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="google" content="notranslate">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, noarchive">
<title>$title</title>
<style>$style</style>
</head>
<body>
<h1>$title</h1>
<p>Scan this code with the authenticator app on your phone.</p>
<img alt="QR code for the authenticator app" src="data:image/png;base64,$png">
<p><a href="$uri">On this phone? Open the app.</a></p>
<p>Or type the key into the app by hand, as a time-based one:</p>
<p class="key">$key</p>
<dl>
<dt>Account</dt><dd>$account</dd>
<dt>Issuer</dt><dd>$issuer</dd>
<dt>Device</dt><dd>$device</dd>
<dt>Codes</dt><dd>$digits digits, a new one every $period seconds, $algorithm</dd>
</dl>
<p class="keep">Anyone who has this code can make your passcodes. Do not send this page on, and do not keep it.</p>
</body>
</html>
""")


def render(enrollment: Enrollment) -> bytes:
    """The content of the HTML file; the same enrollment gives the same bytes. It raises as `qr.png` does."""
    otp = enrollment.otp
    account = enrollment.account or "-"
    values = {
        "title": f"{_TITLE}{enrollment.device} of {account}",
        "policy": _POLICY,
        "png": base64.b64encode(qr.png(enrollment.uri, scale=_SCALE)).decode("ascii"),
        "uri": requote(enrollment.uri),
        "key": enrollment.key,
        "account": account,
        "issuer": enrollment.issuer,
        "device": enrollment.device,
        "digits": str(otp.digits),
        "period": str(otp.period),
        "algorithm": otp.algorithm,
    }
    escaped = {name: escape(value) for name, value in values.items()}
    return _PAGE.substitute(escaped, style=_STYLE).encode("utf-8", "replace")


def looks_ours(content: bytes) -> bool:
    """Is it the page of some device?"""
    return content.startswith(_PAGE.template.partition("$")[0].encode()) and f"<title>{_TITLE}".encode() in content
