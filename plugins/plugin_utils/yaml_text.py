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
from textwrap import indent
from typing import Any

import yaml

from ..module_utils.api.errors import OptionError
from .plain import differing, same

# libyaml when PyYAML was built with it: a file with a thousand entries is read in a moment.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRING = "tag:yaml.org,2002:str"
# PyYAML on odd texts: KeyError for `!!bool x`, AttributeError for `!!timestamp x`, ValueError for month 13,
# OverflowError for `1:00:…:00.5`
_ODD_TEXT = (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, RecursionError, OverflowError)
_MARKS = re.compile(r"\{[{%#]|\A#jinja2:")
"""What makes a template of a string: a mark, or a first line that says which marks count."""
_REST = re.compile(r".*\n?(?:\s*[ \t]#.*\n?)*")
"""What goes with a value that ends here: the rest of its line, and the comments below that are indented."""
_ENDS = (yaml.BlockEndToken, yaml.DocumentEndToken, yaml.StreamEndToken)


class Template(str):
    """A string that Ansible renders when it reads the file. Every other string is data, whatever it looks like."""

    tag = _STRING


class VaultText(str):
    """The ciphertext of an inline `!vault` value."""

    tag = "!vault"


class _Values(yaml.constructor.SafeConstructor):
    """Makes the values of Ansible of nodes."""


class _Data(_Values):
    """Makes the values below `!unsafe`, where no string is a template."""


def _text(reader: Any, node: Any) -> str:
    text: str = reader.construct_scalar(node)
    if node.tag != _STRING:
        return VaultText(text.strip())
    return Template(text) if _MARKS.search(text) and not isinstance(reader, _Data) else text


def _unsafe(_reader: Any, node: Any) -> Any:
    tag = yaml.resolver.Resolver().resolve(type(node), node.value, (True, False))
    return _Data().construct_object(type(node)(tag, node.value, node.start_mark), deep=True)


for tag, construct in {_STRING: _text, "!vault": _text, "!vault-encrypted": _text, "!unsafe": _unsafe}.items():
    _Values.add_constructor(tag, construct)


class _Dumper(yaml.SafeDumper):
    """Values out in full, on one line each: no anchors, no folded lines."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        tag = getattr(data, "tag", "!unsafe" if _MARKS.search(data) else _STRING)
        # Double quotes keep every kind of line break apart and the scalar on one line.
        style = None if data.isprintable() else '"'
        return self.represent_scalar(tag, str.__str__(data), style=style)


for kind in (str, Template, VaultText):
    _Dumper.add_representer(kind, _Dumper.represent_text)


def load(text: str) -> dict[Any, Any]:
    """Return the variables of the text, with what Ansible renders or decrypts as `Template` and `VaultText`.

    :raises OptionError: not YAML, not one mapping, a variable twice. It names the line and shows no word of the text.
    """
    try:
        root = yaml.compose(text, Loader=PARSER)
        # Listed before merging (`<<`) writes the merged keys into the nodes.
        keys = [key for key, _value in root.value if key.tag == _STRING] if isinstance(root, yaml.MappingNode) else []
        tree = _Values().construct_object(root, deep=True) if root else {}
    except _ODD_TEXT as error:
        line = _line(getattr(error, "problem_mark", None))
        raise OptionError(f"its decrypted content is not YAML that Ansible can read{line}") from None
    first = {key.value: place for place, key in reversed([*enumerate(keys)])}
    for place, key in enumerate(keys):
        if first[key.value] < place:  # Ansible takes the last one in silence
            raise OptionError(f"a variable is there twice{_line(key.start_mark)}; keep one of the two")
    if not isinstance(tree, dict | None):
        raise OptionError(f"its decrypted content is not a mapping of variables but of the type {type(tree).__name__}")
    return tree or {}


def _line(mark: Any) -> str:
    return f" (line {mark.line + 1} of the decrypted text)" if mark else ""


def block(name: Any, value: Any) -> str:
    """Return one variable as lines of YAML in block style, with a newline at the end."""
    return str(yaml.dump({name: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9))


def edit(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> str:
    """Return the text with the variables `new` instead of `old`, which is what `load` makes of the text.

    :raises OptionError: that cannot be done without a change to other variables.
    """
    try:
        if same(old, new):
            return text
        edited = _edited(text, old, new)
        if same(load(edited), new):
            return edited
    except OptionError:
        pass
    except (RecursionError, ValueError):  # Python writes no number of more than 4300 digits
        raise OptionError("a value is nested too deeply, or a number is too long") from None
    raise OptionError(
        "these variables cannot be changed without touching others, which share their values or lines; "
        "change the file with ansible-vault edit"
    )


def _edited(text: str, old: dict[Any, Any], new: dict[Any, Any]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += newline
        old = load(text)  # a block scalar at the end got the line break, too: it is written anew
    root = yaml.compose(text, Loader=PARSER)
    start = end = root.end_mark.index if root else len(text)
    keys, margin = [], ""
    if isinstance(root, yaml.MappingNode) and not root.flow_style:
        keys, margin = [key for key, _value in root.value], " " * root.start_mark.column
    elif root and root.start_mark.index < end:  # null, or flow style (JSON): all is written anew, in block style
        start, end, old = root.start_mark.index, _end(text, root.start_mark.index, len(text)), {}
    starts = [key.start_mark.index - key.start_mark.column for key in keys]
    if starts != sorted(set(starts)):
        raise OptionError("a key is an alias")
    changed = differing(old, new)
    blocks = {name: indent(block(name, new[name]), margin).replace("\n", newline) for name in changed if name in new}
    above = text[:start]
    for key, begin, limit in reversed([*zip(keys, starts, [*starts[1:], end], strict=False)]):
        if key.tag == _STRING and key.value in changed:  # from below: the places above stay what they are
            above = above[:begin] + blocks.pop(key.value, "") + above[_end(text, begin, limit) :]
    added = "".join(blocks.values()) if new else "{}" + newline
    joint = newline if added and above and not above.endswith("\n") else ""
    return above + joint + added + text[end:]


def _end(text: str, start: int, limit: int) -> int:
    """Return where the lines of what begins here end. Empty lines and comments below belong to what follows."""
    # Tokens know where they end, also an alias and an empty value. Nodes of a block end after the comments below.
    tokens = [token for token in yaml.scan(text[start:limit], Loader=PARSER) if not isinstance(token, _ENDS)]
    value = text[start : start + tokens[-1].end_mark.index].rstrip()  # of a block scalar without the empty lines below
    return next(_REST.finditer(text, start + len(value), limit)).end()
