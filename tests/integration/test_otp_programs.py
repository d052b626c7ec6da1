# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Codes, URIs and QR codes beside programs that others wrote: oathtool, the npm package otpauth, zbarimg."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from integration.harness import rows
from integration.harness.browser import BROWSER

from ansible_collections.rackspace.identity.plugins.filter.otp_qr import otp_qr
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp, parse, requote, time_step

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = [ROOT / ".cache" / "npm" / "node_modules", *map(Path, os.environ.get("NODE_PATH", "").split(":"))]
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

# Name, and the same as the service writes it into a URI: quoted only where a character is illegal there (contract).
NAMES = {
    "plain": "ansible",
    "spaces": "my work laptop",
    "ampersand": "research & development",
    "hash": "laptop #2",
    "question": "which one? this=that",
    "percent": "100%",
    "umlauts": "Grüße aus Köln",
    "chinese": "我的笔记本电脑",
    "mixed": "Büro & 办公室 #1?",
}
LEGAL = "!#$&'()*+,-./:;=?@_~"

needs_oathtool = pytest.mark.skipif(not shutil.which("oathtool"), reason="oathtool is not installed")
needs_zbarimg = pytest.mark.skipif(not shutil.which("zbarimg"), reason="zbarimg (zbar-tools) is not installed")


def service_uri(name: str, legal: str = LEGAL) -> str:
    return f"otpauth://totp/Rackspace:{quote(name, safe=legal)}?secret={SECRET}&issuer=Rackspace"


def cases(count: int = 1000) -> list[tuple[Otp, int]]:
    """Sources of codes and times, the same in every run."""
    dice = random.Random(6238)
    answer = []
    for _number in range(count):
        secret = base64.b32encode(dice.randbytes(dice.choice([10, 16, 20, 32, 64, dice.randint(1, 128)]))).decode()
        options: dict[str, Any] = {
            "digits": dice.choice([6, 6, 7, 8]),
            "period": dice.choice([30, 30, 60, dice.randint(1, 3600)]),
            "algorithm": dice.choice(["SHA1", "SHA256", "SHA512"]),
        }
        when = dice.choice([dice.randrange(2**31), dice.randrange(2**34), dice.randrange(120)])
        answer.append((Otp(parse(secret).secret, **options), when))
    return answer


def ours(otp: Otp, when: int) -> str:
    return otp.code_at(time_step(when, otp.period))


def oathtool(otp: Otp, when: int) -> str:
    options = ["--base32", f"--totp={otp.algorithm}", f"--digits={otp.digits}", f"--time-step-size={otp.period}s"]
    done = subprocess.run(
        ["oathtool", *options, f"--now=@{when}", "-"], input=otp.secret, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def run_node(script: str, given: list[Any]) -> list[Any]:
    """What a script makes of a list; it finds the package as `otpauth` and reads the list from standard input."""
    folder = next((path for path in NODE_MODULES if (path / "otpauth").is_dir()), None)
    if folder is None or not shutil.which("node"):
        pytest.skip("node or its package otpauth is not installed")
    prelude = "const otpauth = require('otpauth'); const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
    done = subprocess.run(
        ["node", "-e", f"{prelude} console.log(JSON.stringify(given.map({script})))"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NODE_PATH": str(folder)},
    )
    answer = json.loads(done.stdout)
    assert isinstance(answer, list)
    return answer


@needs_oathtool
def test_a_thousand_codes_are_those_of_oathtool() -> None:
    differences = [(otp, when) for otp, when in cases() if ours(otp, when) != oathtool(otp, when)]
    assert differences == []


def test_a_thousand_codes_are_those_of_otpauth() -> None:
    given = [[otp.secret, otp.algorithm, otp.digits, otp.period, when] for otp, when in cases()]
    theirs = run_node(
        "([secret, algorithm, digits, period, when]) => new otpauth.TOTP({secret: otpauth.Secret.fromBase32(secret),"
        " algorithm, digits, period}).generate({timestamp: when * 1000})",
        given,
    )
    assert theirs == [ours(otp, when) for otp, when in cases()]


def test_otpauth_reads_what_we_read_once_the_name_is_requoted() -> None:
    theirs = run_node(
        "uri => { const otp = otpauth.URI.parse(uri); return [otp.issuer, otp.label, otp.secret.base32]; }",
        [requote(service_uri(name)) for name in NAMES.values()],
    )
    assert theirs == [["Rackspace", name, SECRET] for name in NAMES.values()]


def test_we_read_what_otpauth_writes() -> None:
    given = [
        [name, otp.secret, otp.algorithm, otp.digits, otp.period]
        for name, (otp, _when) in zip(NAMES.values(), cases(), strict=False)
    ]
    theirs = run_node(
        "([label, secret, algorithm, digits, period]) => new otpauth.TOTP({issuer: 'Büro & Co', label,"
        " secret: otpauth.Secret.fromBase32(secret), algorithm, digits, period}).toString()",
        given,
    )
    read = [parse(uri) for uri in theirs]
    assert [[otp.account, otp.secret, otp.algorithm, otp.digits, otp.period] for otp in read] == given
    assert {otp.issuer for otp in read} == {"Büro & Co"}


# --- QR codes --------------------------------------------------------------------------------------------------------

URIS = {f"{kind}, as the service quotes": service_uri(name) for kind, name in NAMES.items()}
URIS |= {f"{kind}, quoted": service_uri(name, legal="") for kind, name in NAMES.items()}
URIS["raw umlauts"] = service_uri("ansible").replace("ansible", "Grüße")
URIS["raw chinese"] = service_uri("ansible").replace("ansible", "中文")
URIS["every parameter"] = f"{service_uri('ansible')}&algorithm=SHA512&digits=8&period=60"

# The colors of terminals, from 0 (black) to 255 (white): letters and ground.
DARK_TERMINALS = {"white on black": (255, 0), "dimmed": (190, 40)}
LIGHT_TERMINALS = {"black on white": (0, 255), "sepia": (70, 230)}


def scan(*pictures: Path) -> list[str]:
    """What a real reader sees in pictures."""
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", *map(str, pictures)],
        capture_output=True,
        check=False,
    )
    return done.stdout.decode("utf-8").splitlines()


def photograph(text: str, letters: int, ground: int, picture: Path, scale: int = 4) -> None:
    """A picture (PGM) of a terminal that shows the text, each glyph one module wide and two high."""
    ink = {" ": (False, False), "█": (True, True), "▀": (True, False), "▄": (False, True)}
    rows: list[bytes] = []
    for line in text.split("\n"):
        shown = re.fullmatch(r"(\x1b\[38;5;231;48;5;16m)?([█▀▄ ]+)(\x1b\[0m)?", line)
        assert shown is not None
        # The escape sequence sets the colors, whatever those of the terminal are.
        on, off = (255, 0) if shown[1] else (letters, ground)
        for half in (0, 1):
            row = bytes(on if ink[glyph][half] else off for glyph in shown[2] for _pixel in range(scale))
            rows += [row] * scale
    margin = 3 * scale
    width = len(rows[0]) + 2 * margin
    side, above = bytes([ground]) * margin, [bytes([ground]) * width] * margin
    pixels = b"".join([*above, *(side + row + side for row in rows), *above])
    picture.write_bytes(b"P5 %d %d 255\n" % (width, len(pixels) // width) + pixels)


@needs_zbarimg
@pytest.mark.parametrize("uri", URIS.values(), ids=URIS.keys())
def test_terminal_text_scans_on_its_terminal(uri: str, tmp_path: Path) -> None:
    shots = {
        "dark": DARK_TERMINALS.values(),
        "light": LIGHT_TERMINALS.values(),
        "any": [*DARK_TERMINALS.values(), *LIGHT_TERMINALS.values()],
    }
    pictures = []
    for background, terminals in shots.items():
        for letters, ground in terminals:
            pictures.append(tmp_path / f"{background}-{letters}-{ground}.pgm")
            photograph(otp_qr(uri, background=background), letters, ground, pictures[-1])
    assert scan(*pictures) == [requote(uri)] * 8


@needs_zbarimg
@pytest.mark.parametrize("uri", URIS.values(), ids=URIS.keys())
def test_png_scans(uri: str, tmp_path: Path) -> None:
    (tmp_path / "code.png").write_bytes(base64.b64decode(otp_qr(uri, "png")))
    assert scan(tmp_path / "code.png") == [requote(uri)]


@needs_zbarimg
@pytest.mark.skipif(not BROWSER, reason="no chromium here")
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("uri", rows({key: service_uri(name) for key, name in NAMES.items()}, quick=3))
def test_svg_scans(browser: Any, uri: str, tmp_path: Path) -> None:
    (tmp_path / "code.svg").write_text(otp_qr(uri, "svg"), encoding="utf-8")
    with browser.new_page(viewport={"width": 700, "height": 700}) as page:
        page.goto((tmp_path / "code.svg").as_uri())
        page.screenshot(path=tmp_path / "code.png")
    assert scan(tmp_path / "code.png") == [requote(uri)]
