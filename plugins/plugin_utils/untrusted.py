# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of a service as variables that are never templates. Private to the collection."""

from __future__ import annotations

from typing import Any

try:
    # From ansible-core 2.19 on only what is marked as trusted is a template, and values of a service are not marked.
    from ansible.template import trust_as_template as _trust

    TEMPLATES_ARE_MARKED = callable(_trust)
except ImportError:
    TEMPLATES_ARE_MARKED = False


def untrusted(value: Any) -> Any:
    """Return the value, its strings marked so that no supported ansible-core takes them for templates."""
    if TEMPLATES_ARE_MARKED:
        return value
    from ansible.utils.unsafe_proxy import wrap_var

    return wrap_var(value)
