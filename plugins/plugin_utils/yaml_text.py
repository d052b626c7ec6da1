# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a variables file: its values, one variable as text, and one text from another. Private to the collection.

Variables that change are replaced as whole blocks of lines; the rest keeps every comment, quote and anchor. A round
trip through ruamel.yaml does not: it drops the comment above the variable that follows a removed one. The edited text
is read again and compared with what is wanted before it is used, so what this file does not foresee is refused.

It is PyYAML, as in Ansible: under the rules of YAML 1.2 (ruamel.yaml) a string `yes` or `1:30` would be written bare,
and `include_vars` would read a boolean and a number. The errors of PyYAML quote the text: none of them goes on.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from textwrap import indent
from typing import Any, ClassVar

import yaml

from ..module_utils.api.errors import OptionError
from .plain import differing, same

# libyaml when PyYAML was built with it: a file with a thousand entries is read in a moment.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRING = "tag:yaml.org,2002:str"
# PyYAML on odd texts: KeyError for `!!bool x`, AttributeError for `!!timestamp x`, ValueError for month 13
_ODD_TEXT = (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, RecursionError)
_MARKS = re.compile(r"\{[{%#]|\A#jinja2:")
"""What makes a template of a string: a mark, or a first line that says which marks count."""
_BREAKS = "\n\r\x85\u2028\u2029"
_LINE = rf"[^{_BREAKS}]*(?:\r\n|[{_BREAKS}]|\Z)"
_REST = re.compile(rf"{_LINE}(?:[ \t{_BREAKS}]*[ \t]#{_LINE})*")
"""What goes with a value that ends here: the rest of its line, and the comments below that are indented."""
_LOST = (
    "these variables cannot be changed without touching others, which share their values or lines; "
    "change the file with ansible-vault edit"
)


class Template(str):
    """A string that Ansible renders when it reads the file. Every other string is data, whatever it looks like."""


class VaultText(str):
    """The ciphertext of an inline `!vault` value."""


class _Constructor(yaml.constructor.SafeConstructor):
    """Ansible's values: templates, `!vault` and `!unsafe` on top of the safe types."""

    def construct_text(self, node: Any) -> str:
        text: str = self.construct_scalar(node)
        return Template(text) if _MARKS.search(text) else text

    def construct_vault(self, node: Any) -> VaultText:
        return VaultText(self.construct_scalar(node).strip())

    def construct_unsafe(self, node: Any) -> Any:
        tag = yaml.resolver.Resolver().resolve(type(node), node.value, (True, False))
        value = self.construct_object(type(node)(tag, node.value, node.start_mark), deep=True)
        return each_text(value, lambda text: str.__str__(text) if isinstance(text, Template) else text)

    yaml_constructors: ClassVar[dict[Any, Any]] = {
        **yaml.constructor.SafeConstructor.yaml_constructors,
        _STRING: construct_text,
        "!vault": construct_vault,
        "!vault-encrypted": construct_vault,
        "!unsafe": construct_unsafe,
    }


class _Dumper(yaml.SafeDumper):
    """Values out in full, on one line each: no anchors, no folded lines."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        # Double quotes keep every kind of line break apart and the scalar on one line.
        style = '"' if set(_BREAKS) & set(data) else None
        is_unsafe = _MARKS.search(data) and not isinstance(data, Template)
        return self.represent_scalar("!unsafe" if is_unsafe else _STRING, str.__str__(data), style=style)

    def represent_vault(self, data: VaultText) -> yaml.ScalarNode:
        return self.represent_scalar("!vault", str.__str__(data), style="|")


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(Template, _Dumper.represent_text)
_Dumper.add_representer(VaultText, _Dumper.represent_vault)


def each_text(value: Any, change: Callable[[str], Any]) -> Any:
    """Return the value with a change made to each of its strings, also those of its keys."""
    if isinstance(value, dict):
        return {each_text(key, change): each_text(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [each_text(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def load(text: str) -> dict[Any, Any]:
    """Return the variables of the text, with what Ansible renders or decrypts as `Template` and `VaultText`.

    :raises OptionError: not YAML, not one mapping, a variable twice. It names the line and shows no word of the text.
    """
    try:
        root = yaml.compose(text, Loader=PARSER)
        twice = _repeated(root)  # before merging (`<<`) writes the merged keys into the nodes
        tree = _Constructor().construct_object(root, deep=True) if root else None
    except _ODD_TEXT as error:
        line = _line(getattr(error, "problem_mark", None))
        raise OptionError(f"its decrypted content is not YAML that Ansible can read{line}") from None
    if twice:
        raise OptionError(f"a variable is there twice{_line(twice.start_mark)}; keep one of the two")
    if not isinstance(tree, dict | None):
        kind = type(tree).__name__
        raise OptionError(f"its decrypted content is not a mapping of variables but of the type {kind}")
    return tree or {}


def _repeated(root: Any) -> Any:
    """Return the key of a variable that is there a second time: Ansible takes the last one in silence."""
    names: set[str] = set()
    for key, _value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.tag == _STRING:
            if key.value in names:
                return key
            names.add(key.value)
    return None


def _line(mark: Any) -> str:
    return f" (line {mark.line + 1} of the decrypted text)" if mark else ""


def block(name: Any, value: Any) -> str:
    """Return one variable as lines of YAML in block style, with a newline at the end."""
    style: Any = {"default_flow_style": False, "sort_keys": False, "allow_unicode": True, "width": 10**9}
    return str(yaml.dump({name: value}, Dumper=_Dumper, **style))


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
        raise OptionError(_LOST)
    return edited


def _edited(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and text[-1] not in _BREAKS:
        text += newline
        old = load(text)  # a block scalar at the end got the line break, too: it is written anew
    root = yaml.compose(text, Loader=PARSER)
    start = end = root.end_mark.index if root else len(text)
    places: dict[str, tuple[int, int]] = {}
    changed = list(new)  # nothing yet, or flow style (JSON): all is written in block style
    if isinstance(root, yaml.MappingNode) and not root.flow_style:
        places, changed = _places(text, root), differing(old, new)
    elif root and root.start_mark.index < end:
        start, end = root.start_mark.index, _after(text, end)
    margin = " " * (root.start_mark.column if root and places else 0)
    blocks = {name: indent(block(name, new[name]), margin) if name in new else "" for name in changed}
    blocks = {name: lines.replace("\n", newline) for name, lines in blocks.items()}
    above = text[:start]
    for name, (begin, after) in reversed(places.items()):  # from below: the places above stay what they are
        if name in blocks:
            above = above[:begin] + blocks.pop(name) + above[after:]
    added = "".join(blocks.values()) if new else "{}" + newline
    joint = newline if added and above and above[-1] not in _BREAKS else ""
    return above + joint + added + text[end:]


def _places(text: str, root: yaml.MappingNode) -> dict[str, tuple[int, int]]:
    """Return where the lines of each variable begin and end. Empty lines and comments below belong to what follows."""
    starts = [key.start_mark.index - key.start_mark.column for key, _value in root.value]
    if starts != sorted(set(starts)):
        raise OptionError(_LOST)  # a key that is an alias
    # Tokens know where they end, also an alias and an empty value. That of a block is found after the comments below.
    tokens = [token for token in yaml.scan(text, Loader=PARSER) if not isinstance(token, yaml.BlockEndToken)]
    begins = [token.start_mark.index for token in tokens]
    places = {}
    for (key, _value), start, limit in zip(root.value, starts, [*starts[1:], root.end_mark.index], strict=True):
        if key.tag == _STRING:
            last = tokens[bisect_left(begins, limit) - 1]
            # The token of a block scalar ends after the empty lines below.
            end = start + len(text[start : last.end_mark.index].rstrip(_BREAKS + " "))
            places[key.value] = (start, _after(text, end))
    return places


def _after(text: str, index: int) -> int:
    """Return where the lines end whose last value ends at this index."""
    rest = _REST.match(text, index)
    return rest.end() if rest else index
