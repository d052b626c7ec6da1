# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the play's vault secrets a file is encrypted with. Private to the collection.

It uses what `--vault-id`, `--vault-password-file` and the configuration gave the play; it never asks for a password.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, is_encrypted, match_encrypt_secret, parse_vaulttext_envelope

from ..module_utils.api.errors import OptionError

NOTHING_LOADED = (
    "no vault secret is loaded; run the play with --vault-id LABEL@SOURCE or --vault-password-file FILE "
    "(or set vault_identity_list or vault_password_file in ansible.cfg)"
)


class Key(NamedTuple):
    """What a file is encrypted with: the label in its header, and the secret."""

    vault_id: str
    secret: Any


def require_secrets(vault: VaultLib, asked: str | None) -> None:
    """Complain before anything is touched.

    :raises OptionError: no secret is loaded, or none under the id that was asked for.
    """
    if not vault.secrets:
        raise OptionError(NOTHING_LOADED)
    if asked is not None and asked not in _ids(vault):
        raise OptionError(f"no secret is loaded for the vault id {asked}; loaded are: {_listed(vault)}")


def key_for(vault: VaultLib, asked: str | None, default: str | None, current: Key | None) -> Key:
    """Return the key to encrypt with: the one asked for, else that of the file, else the only one there is.

    :param default: the configured `vault_encrypt_identity`, which decides between several for a new file.
    :param current: what the file is encrypted with; None for a file that is new or empty.
    """
    if asked is None and current is not None:
        return current
    wanted = asked or default
    if wanted is None and len(_ids(vault)) > 1:
        raise OptionError(
            f"several vault ids are loaded ({_listed(vault)}) and the file has none yet; "
            "say in vault_id which one to encrypt it with"
        )
    require_secrets(vault, wanted)
    return Key(*match_encrypt_secret(vault.secrets, encrypt_vault_id=wanted))


def has_id(vault: VaultLib, key: Key | None, vault_id: str | None) -> bool:
    """Whether a file under this key (None: an empty one) has the label and a secret of the id; None: any."""
    if key is None or vault_id is None:
        return True
    return key.vault_id == vault_id and any(name == vault_id and secret is key.secret for name, secret in vault.secrets)


def decrypted(vault: VaultLib, content: bytes) -> tuple[str, Key]:
    """Return the plaintext of a vault file and its key.

    :raises OptionError: it is not a vault file, none of the secrets opens it, or it is damaged.
    """
    if not is_encrypted(content):
        raise OptionError(
            "it is not encrypted with Ansible Vault as a whole, and is left alone; "
            "encrypt it first (ansible-vault encrypt) or name another file"
        )
    try:
        # The label of the header is kept, as ansible-vault edit does, and the secret that really opened it.
        _ciphertext, _version, _cipher, label = parse_vaulttext_envelope(content)
        plaintext, _id, secret = vault.decrypt_and_get_vault_id(content)
        return bytes(plaintext).decode(), Key(str(label), secret)
    except UnicodeDecodeError:
        raise OptionError("its decrypted content is not text in UTF-8") from None
    except (AnsibleError, ValueError):
        raise OptionError(
            f"none of the loaded vault secrets opens it, or it is damaged; loaded are: {_listed(vault)}"
        ) from None


def decrypted_value(vault: VaultLib, ciphertext: str) -> str:
    """Return the plaintext of an inline `!vault` value."""
    try:
        plaintext, _id, _secret = vault.decrypt_and_get_vault_id(str.__str__(ciphertext).strip())
        return bytes(plaintext).decode()
    except (AnsibleError, ValueError):
        raise OptionError("it holds an inline vault value that none of the loaded vault secrets opens") from None


def _ids(vault: VaultLib) -> list[str]:
    return list(dict.fromkeys(str(vault_id) for vault_id, _secret in vault.secrets or ()))


def _listed(vault: VaultLib) -> str:
    return ", ".join(_ids(vault))
