# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing variables in a text of YAML and nothing else of it. Private to the collection.

Variables that change are replaced as whole blocks of lines; the rest keeps every comment, quote and anchor. A round
trip through ruamel.yaml does not: it drops the comment above the variable that follows a removed one. The edited text
is read again and compared with what is wanted before it is used, so what this file does not foresee is refused.
"""

from __future__ import annotations

from typing import Any

import yaml

from ..module_utils.api.errors import OptionError
from .yaml_values import STRING_TAG, block, compose, load, unchanged

LOST = (
    "these variables cannot be changed without touching others, which share their values through anchors or merge keys "
    "or their lines; change the file with ansible-vault edit"
)


def edit(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> str:
    """Return the text with the variables `new` instead of `old`, which is what `load` makes of the text.

    :raises OptionError: that cannot be done without a change to other variables.
    """
    if unchanged(old, new):
        return text
    edited = _edited(text.replace("\r\n", "\n"), old, new)
    if "\r\n" in text:
        edited = edited.replace("\n", "\r\n")
    try:
        kept = unchanged(load(edited), new)
    except OptionError:
        kept = False
    if not kept:
        raise OptionError(LOST)
    return edited


def _edited(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> str:
    root = compose(text)
    if not isinstance(root, yaml.MappingNode) or root.flow_style or not root.value:
        return _rewritten(text, root, new)
    column = min(int(node.start_mark.column) for node in (root, *(key for key, _value in root.value)))
    found = _variables(text, root, column)
    changed = [
        name for name in {**old, **new} if name not in old or name not in new or not unchanged(old[name], new[name])
    ]
    if any(name not in new and name not in found for name in changed):
        raise OptionError(LOST)  # removed here, it would still come in by a merge key
    pieces = {name: _indented(block(name, new[name]), column) if name in new else "" for name in changed}
    edits = [(*found[name], pieces[name]) for name in changed if name in found]
    added = "".join(pieces[name] for name in changed if name not in found)
    if added:
        # Behind the empty lines of the last variable: they may be part of its value.
        end = _end(text, int(root.value[-1][0].start_mark.index), int(root.end_mark.index), column, skip="")
        edits.append((end, end, _newline(text, end) + added))
    if not new:
        start = min(start for start, _end_of_it in found.values())
        edits.append((start, start, " " * column + "{}\n"))
    for start, end, piece in sorted(edits, reverse=True):
        text = text[:start] + piece + text[end:]
    return text


def _rewritten(text: str, root: Any, new: dict[Any, Any]) -> str:
    """Put block style in place of an empty root, or one in flow style (JSON); the comments around it stay."""
    start, end = (root.start_mark.index, root.end_mark.index) if root is not None else (0, 0)
    if start == end:
        start = end = len(text)
    lines = "".join(block(name, value) for name, value in new.items()) or "{}\n"
    return text[:start] + _newline(text, start) + lines.rstrip("\n") + (text[end:] or "\n")


def _variables(text: str, root: Any, column: int) -> dict[str, tuple[int, int]]:
    """Return where the lines of each variable begin and end, without the comments and empty lines below it."""
    starts = [int(key.start_mark.index - key.start_mark.column) for key, _value in root.value]
    if starts != sorted(starts):
        raise OptionError(LOST)  # a key that is an alias
    ends = [*starts[1:], int(root.end_mark.index)]
    return {
        key.value: (start, _end(text, start, end, column, skip="\n"))
        for (key, _value), start, end in zip(root.value, starts, ends, strict=True)
        if isinstance(key, yaml.ScalarNode) and key.tag == STRING_TAG
    }


def _end(text: str, start: int, end: int, column: int, *, skip: str) -> int:
    """Leave out the last lines that are comments at the keys' column, or (`skip`) empty: what follows has them."""
    lines = text[start:end].splitlines(keepends=True)
    while len(lines) > 1:
        bare = lines[-1].lstrip(" \t")
        if bare != skip and not (bare.startswith("#") and len(lines[-1]) - len(bare) <= column):
            break
        lines.pop()
    return start + len("".join(lines))


def _newline(text: str, position: int) -> str:
    return "" if position == 0 or text[position - 1] == "\n" else "\n"


def _indented(lines: str, column: int) -> str:
    return "".join(" " * column + line for line in lines.splitlines(keepends=True))
