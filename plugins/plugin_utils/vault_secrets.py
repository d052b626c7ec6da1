# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the play's vault secrets a file is encrypted with. Private to the collection.

It uses what `--vault-id`, `--vault-password-file` and the configuration gave the play; it never asks for a password.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible.constants import config
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, match_encrypt_secret, parse_vaulttext_envelope

from ..module_utils.api.errors import OptionError


class Key(NamedTuple):
    """What a file is encrypted with: the label in its header, and the secret."""

    vault_id: str
    secret: Any


def key_for(vault: VaultLib, asked: str | None, current: Key | None) -> Key:
    """Return the key to encrypt with: the one asked for, else that of the file, else the configured or the only one.

    :param current: what the file is encrypted with; None for a file that is new or empty.
    :raises OptionError: it is not loaded, or there are several to choose from.
    """
    # An id may have several secrets, and the label in a file may be of another secret than the one that opens it.
    if current and (asked is None or (asked == current.vault_id and (asked, current.secret) in vault.secrets)):
        return current
    loaded = loaded_ids(vault)
    wanted = asked or config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
    if wanted is None and len(loaded) > 1:
        raise OptionError(
            f"several vault ids are loaded ({', '.join(loaded)}) and the file has none yet; "
            "say in O(vault_id) which one to encrypt it with"
        )
    if wanted is not None and wanted not in loaded:
        raise OptionError(f"no secret is loaded for the vault id {wanted}; loaded are: {', '.join(loaded)}")
    return Key(*match_encrypt_secret(vault.secrets, encrypt_vault_id=wanted))


def decrypted(vault: VaultLib, content: bytes) -> tuple[str, Key]:
    """Return the plaintext of a vault file or an inline `!vault` value, and its key.

    :raises OptionError: none of the secrets opens it, or it is damaged.
    """
    loaded = loaded_ids(vault)
    try:
        # The label of the header is kept, as ansible-vault edit does, and the secret that really opened it.
        _ciphertext, _version, _cipher, label = parse_vaulttext_envelope(content)
        plaintext, _id, secret = vault.decrypt_and_get_vault_id(content)
        return bytes(plaintext).decode(), Key(str(label), secret)
    except UnicodeDecodeError:
        raise OptionError("its decrypted content is not text in UTF-8") from None
    except (AnsibleError, ValueError):
        raise OptionError(
            f"none of the loaded vault secrets opens it, or it is damaged; loaded are: {', '.join(loaded)}"
        ) from None


def loaded_ids(vault: VaultLib) -> list[str]:
    """Return the vault ids that the play has loaded.

    :raises OptionError: there is none.
    """
    if not vault.secrets:
        raise OptionError(
            "no vault secret is loaded; run the play with --vault-id LABEL@SOURCE or --vault-password-file FILE "
            "(or set vault_identity_list or vault_password_file in ansible.cfg)"
        )
    return list(dict.fromkeys(str(vault_id) for vault_id, _secret in vault.secrets))
