# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing variables in a text of YAML and nothing else of it. Private to the collection.

Only the lines of the variables that change are replaced, so that the rest keeps every comment, quote and anchor. A
round trip through ruamel.yaml does not: it drops the comment above the variable that follows a removed one. What comes
out is read again and compared before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from .plain_values import VaultFileError, same
from .yaml_values import PARSER, STRING_TAG, block, inline, load

Event: TypeAlias = Any  # of PyYAML; the annotations of its kinds do not tell what they have in common

LOST = (
    "these variables can't be changed without touching others that share their values through anchors or merge keys; "
    "change the file with ansible-vault edit"
)
_WHITE = " \t\r\n"
"""What is white space in YAML. Python knows more: a value may be, or end with, a no-break space."""


@dataclass(frozen=True)
class Edit:
    """Replace what is between two positions of the text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Entry:
    """One key of a mapping in block style, with its value. Positions count characters of the text."""

    name: str | None  # None: a key that is no string
    start: int  # of the key's line
    value_start: int
    end: int
    mapping: Mapping | None  # the value, where it is a mapping in block style itself


@dataclass
class Mapping:
    """A mapping in block style. The column is the one that its keys stand in."""

    column: int
    entries: list[Entry] = field(default_factory=list)

    def names(self) -> set[str | None]:
        """The names of its keys."""
        return {entry.name for entry in self.entries}


def edit(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> str:
    """The text with the variables `new` instead of `old`, which is what `load` made of the text.

    :raises VaultFileError: when that can't be done without a change to other variables.
    """
    edits = _edits_of_root(text, old, new)
    newline = "\r\n" if "\r\n" in text else "\n"
    pieces, position = [], 0
    # Where two start in one place, what is inserted there goes before what is replaced there.
    for change in sorted(edits, key=lambda change: (change.start, change.end)):
        pieces += [text[position : change.start], change.text.replace("\n", newline)]
        position = change.end
    edited = "".join([*pieces, text[position:]])
    _check(edited, new)
    return edited


def _check(edited: str, wanted: dict[Any, Any]) -> None:
    try:
        kept = same(load(edited), wanted)
    except VaultFileError:
        kept = False
    if not kept:
        raise VaultFileError(LOST)


def _edits_of_root(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> list[Edit]:
    events = iter(yaml.parse(text, Loader=PARSER))
    root = next((event for event in events if isinstance(event, yaml.NodeEvent)), None)
    lines = "".join(block(name, value) for name, value in new.items())
    if root is None:
        return [Edit(len(text), len(text), _on_new_line(text, len(text)) + lines)]
    end, mapping = _node(root, events)
    if mapping is not None:
        return _edits(text, mapping, old, new)
    # Empty, or in flow style (JSON): the comments around it stay.
    start = _position(root.start_mark)
    if start == end:
        start = end = _next_line(text, end)
    return [Edit(start, end, _on_new_line(text, start) + (lines.rstrip("\n") if start < end else lines) or "{}")]


def _edits(text: str, mapping: Mapping, old: dict[Any, Any], new: dict[Any, Any]) -> list[Edit]:
    entries = {entry.name: entry for entry in mapping.entries}
    edits: list[Edit] = []
    if not new:
        edits.append(Edit(mapping.entries[0].start, mapping.entries[0].start, " " * mapping.column + "{}\n"))
    for name in old:
        if name not in new:
            if name not in entries:
                raise VaultFileError(LOST)
            edits.append(Edit(entries[name].start, _next_line(text, _content_end(text, entries[name])), ""))
    added = ""
    for name, value in new.items():
        # A variable that came by a merge key has no entry of its own: one that is added goes before it.
        if name not in old or (name not in entries and not same(old[name], value)):
            added += block(name, value)
        elif not same(old[name], value):
            edits += _replacement(text, entries[name], old[name], value, mapping.column)
    if added:
        position = _behind(text, mapping)
        edits.append(Edit(position, position, _on_new_line(text, position) + _indented(added, mapping.column)))
    return edits


def _replacement(text: str, entry: Entry, old: Any, value: Any, column: int) -> list[Edit]:
    if entry.mapping and isinstance(value, dict) and value and entry.mapping.names() == set(old):
        return _edits(text, entry.mapping, old, value)
    end = _content_end(text, entry)
    if "\n" not in text[entry.start : end] and (not isinstance(value, (dict, list)) or not value):
        gap = "" if text[entry.value_start - 1] in _WHITE else " "
        return [Edit(entry.value_start, end, gap + inline(value))]
    return [Edit(entry.start, end, _indented(block(entry.name, value), column).rstrip("\n"))]


def _content_end(text: str, entry: Entry) -> int:
    # A block scalar ends behind the empty lines below it: they are the reader's, not the value's.
    return entry.start + len(text[entry.start : entry.end].rstrip(_WHITE))


def _behind(text: str, mapping: Mapping) -> int:
    """The start of the line behind the mapping and behind the comments that are indented as part of it."""
    position = _next_line(text, mapping.entries[-1].end)
    while position < len(text):
        line = text[position : _next_line(text, position + 1)]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= mapping.column:
            break
        position += len(line)
    return position


def _position(mark: Any) -> int:
    # Annotated as optional in PyYAML; a parser always sets it.
    return int(mark.index)


def _next_line(text: str, position: int) -> int:
    if position == 0 or text[position - 1] == "\n":
        return position
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1


def _on_new_line(text: str, position: int) -> str:
    return "" if position == 0 or text[position - 1] == "\n" else "\n"


def _indented(lines: str, column: int) -> str:
    return "".join(" " * column + line for line in lines.splitlines(keepends=True))


def _node(event: Event, events: Iterator[Event]) -> tuple[int, Mapping | None]:
    """Where the content of a node ends, and the node itself where it is a mapping in block style."""
    if not isinstance(event, yaml.CollectionStartEvent):
        return _position(event.end_mark), None
    if event.flow_style:
        return _end_of_flow(events), None
    if isinstance(event, yaml.MappingStartEvent):
        mapping = _mapping(event, events)
        return (mapping.entries[-1].end if mapping.entries else _position(event.end_mark)), mapping
    end = _position(event.end_mark)
    while not isinstance(item := next(events), yaml.SequenceEndEvent):
        end, _mapping_of_item = _node(item, events)
    return end, None


def _end_of_flow(events: Iterator[Event]) -> int:
    depth = 1
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if not depth:
            return _position(event.end_mark)
    raise VaultFileError(LOST)


def _mapping(start: Event, events: Iterator[Event]) -> Mapping:
    found: list[Entry] = []
    column = start.start_mark.column
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        _node(key, events)
        value = next(events)
        end, mapping = _node(value, events)
        start = _position(key.start_mark) - key.start_mark.column
        found.append(Entry(_name(key), start, _position(value.start_mark), end, mapping))
    return Mapping(column, found)


def _name(key: Event) -> str | None:
    if not isinstance(key, yaml.ScalarEvent):
        return None
    plain = key.implicit[0]
    tag = key.tag or yaml.resolver.Resolver().resolve(yaml.ScalarNode, key.value, (plain, not plain))
    return key.value if tag == STRING_TAG else None
