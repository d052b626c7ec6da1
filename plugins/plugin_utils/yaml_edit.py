# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing variables in a text of YAML and nothing else of it. Private to the collection.

Variables that change are replaced as whole blocks of lines; the rest keeps every comment, quote and anchor. A round
trip through ruamel.yaml does not: it drops the comment above the variable that follows a removed one. The edited text
is read again and compared with what is wanted before it is used, so what this file does not foresee is refused.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

import yaml

from ..module_utils.api.errors import OptionError
from .plain import differing, same
from .yaml_values import PARSER, STRING_TAG, block, load

LOST = (
    "these variables cannot be changed without touching others, which share their values through anchors or merge keys "
    "or their lines; change the file with ansible-vault edit"
)


def edit(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> str:
    """Return the text with the variables `new` instead of `old`, which is what `load` makes of the text.

    :raises OptionError: that cannot be done without a change to other variables.
    """
    if same(old, new):
        return text
    first = len(text) - len(text.lstrip("\ufeff"))  # PyYAML counts a byte order mark or not, with libyaml
    edited = text[:first] + _edited(text[first:], old, new)
    try:
        kept = same(load(edited), new)
    except OptionError:
        kept = False
    if not kept:
        raise OptionError(LOST)
    return edited


def _edited(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> str:
    root = yaml.compose(text, Loader=PARSER)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return _rewritten(text, root, new)
    column = min(int(node.start_mark.column) for node in (root, *(key for key, _value in root.value)))
    places = _places(text, root, column)
    changed = differing(old, new)
    blocks = {name: block(name, new[name]) if name in new else "" for name in changed}
    if not new:
        blocks[changed[0]] = "{}\n"
    edits = [(*places.pop(name), blocks.pop(name)) for name in changed if name in places]
    edits.append((root.end_mark.index, root.end_mark.index, "".join(blocks.values())))
    return _spliced(text, [(start, end, textwrap.indent(lines, " " * column)) for start, end, lines in edits])


def _rewritten(text: str, root: Any, new: dict[Any, Any]) -> str:
    """Put block style in place of an empty root, or one in flow style (JSON); the comments around it stay."""
    start, end = (root.start_mark.index, root.end_mark.index) if root is not None else (len(text), len(text))
    lines = "".join(block(name, value) for name, value in new.items()) or "{}\n"
    return _spliced(text, [(start, end, lines.removesuffix("\n") if start < end < len(text) else lines)])


def _places(text: str, root: yaml.MappingNode, column: int) -> dict[str, tuple[int, int]]:
    """Return where the lines of each variable begin and end. Empty lines and comments below belong to what follows."""
    below = re.compile(rf"(?m)(^( {{0,{column}}}#.*|[ \t]*\r?)(\n|\Z))+\Z")
    starts = [int(key.start_mark.index - key.start_mark.column) for key, _value in root.value]
    if starts != sorted(starts):
        raise OptionError(LOST)  # a key that is an alias
    return {
        key.value: (start, start + len(below.sub("", text[start:end])))
        for (key, _value), start, end in zip(root.value, starts, [*starts[1:], root.end_mark.index], strict=True)
        if isinstance(key, yaml.ScalarNode) and key.tag == STRING_TAG
    }


def _spliced(text: str, edits: list[tuple[int, int, str]]) -> str:
    """Put lines in place of what is between two positions, with the line breaks of the text."""
    newline = "\r\n" if "\r\n" in text else "\n"
    spliced, done = "", 0
    for start, end, lines in sorted(edits):
        spliced += text[done:start]
        joint = "\n" if lines and spliced and not spliced.endswith("\n") else ""
        spliced += (joint + lines).replace("\n", newline)
        done = end
    return spliced + text[done:]
