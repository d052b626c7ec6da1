# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vault file in every state that it may be in."""

from __future__ import annotations

import datetime
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultSecret

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import FileChange, VaultFile
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import (
    CANARY,
    DEV,
    PROD,
    change,
    label_of,
    text_of,
    vault_of,
    write,
)


class TestContent:
    def test_new_file_is_private_encrypted_and_alone(self, path: Path) -> None:
        assert change(path, values={"a": {"b": CANARY}})
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert CANARY.encode() not in path.read_bytes()
        assert label_of(path) == "prod"
        assert text_of(path) == f"a:\n  b: {CANARY}\n"
        assert list(path.parent.iterdir()) == [path]

    def test_other_variables_their_order_and_comments_survive(self, path: Path) -> None:
        write(path, "# top\nb: yes  # kept\n\n# of a\na: 'x'\n# of c\nc: 012\n")
        change(path, values={"a": 2, "d": [True, None]}, absent=("b",))
        assert text_of(path) == "# top\n\n# of a\na: 2\n# of c\nc: 012\nd:\n- true\n- null\n"

    def test_json_says_what_it_says_to_ansible(self, path: Path) -> None:
        write(path, r'{"a": "\ud83d\ude00 \u00e9", "b": 1}')
        assert VaultFile(str(path), vault_of(PROD)).read() == {"a": "\U0001f600 \xe9", "b": 1}
        change(path, values={"b": 2})
        assert text_of(path) == "a: \U0001f600 \xe9\nb: 2\n"

    def test_escapes_outside_of_json_are_what_they_are(self, path: Path) -> None:
        write(path, r"a: '\ud83d\ude00'")
        assert VaultFile(str(path), vault_of(PROD)).read() == {"a": r"\ud83d\ude00"}

    def test_byte_order_mark_goes_with_a_change(self, path: Path) -> None:
        write(path, "\ufeffa: 1\n# b\nb: 2\nc: 3\n")
        assert not change(path, values={"a": 1})
        change(path, values={"c": 4}, absent=("b",))
        assert text_of(path) == "a: 1\n# b\nc: 4\n"

    def test_equal_values_leave_the_file_untouched_to_the_byte(self, path: Path) -> None:
        write(path, "a: 'x'\nb:\n  c: [1, yes]\n")
        before = path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino
        assert not change(path, values={"a": "x", "b": {"c": [1, True]}}, absent=("z",), backup="~")
        assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize(
        ("value", "is_another"),
        [(1, False), (1.0, True), (True, True), ("1", True)],
        ids=["int", "float", "bool", "str"],
    )
    def test_values_of_another_type_are_a_change(self, path: Path, value: Any, is_another: bool) -> None:
        write(path, "a: 1\n")
        assert change(path, values={"a": value}) is is_another
        assert VaultFile(str(path), vault_of(PROD)).read() == {"a": value}

    def test_reading(self, path: Path) -> None:
        file = VaultFile(str(path), vault_of(PROD))
        assert file.read() is None
        write(path, "a: {b: yes, c: '012', d: 2026-01-31}\ne: !unsafe '{{ f }}'\n")
        assert file.read() == {"a": {"b": True, "c": "012", "d": datetime.date(2026, 1, 31)}, "e": "{{ f }}"}
        write(path, "# nothing\n")
        assert file.read() == {}

    def test_empty_file_counts_as_no_variables(self, path: Path) -> None:
        path.touch()
        assert VaultFile(str(path), vault_of(PROD)).read() == {}
        change(path, values={"a": 1})
        assert text_of(path) == "a: 1\n"

    def test_backup_holds_the_old_content(self, path: Path) -> None:
        write(path, "a: 1\n")
        before = path.read_bytes()
        change(path, values={"a": 2}, backup=".old~", mode=0o640)
        backup = path.with_name("vault.yml.old~")
        assert backup.read_bytes() == before
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        assert sorted(path.parent.iterdir()) == [path, backup]

    def test_mode_alone_is_a_change_without_a_rewrite(self, path: Path) -> None:
        write(path, "a: 1\n")
        path.chmod(0o644)
        before = path.read_bytes()
        assert change(path, values={"a": 1}, backup="~")
        assert list(path.parent.iterdir()) == [path]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes() == before

    def test_mode_of_the_option_is_set_whatever_the_umask(self, path: Path) -> None:
        before = os.umask(0o077)
        try:
            change(path, values={"a": 1}, mode=0o664)
        finally:
            os.umask(before)
        assert stat.S_IMODE(path.stat().st_mode) == 0o664

    def test_missing_folders_are_made_for_the_user_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "host_vars" / "web" / "vault.yml"
        change(path, values={"a": 1})
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [0o700] * 2

    def test_link_stays_and_its_target_is_replaced(self, tmp_path: Path, path: Path) -> None:
        target = tmp_path / "elsewhere" / "real.yml"
        path.symlink_to(target)
        change(path, values={"a": 1})
        change(path, values={"b": 2})
        assert path.is_symlink()
        assert text_of(target) == "a: 1\nb: 2\n"
        assert list(target.parent.iterdir()) == [target]

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_owner_of_a_file_that_exists_is_kept(self, path: Path) -> None:
        write(path, "a: 1\n")
        os.chown(path, 12345, 54321)
        change(path, values={"a": 2})
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)

    def test_prediction_writes_nothing(self, path: Path) -> None:
        file = VaultFile(str(path.parent / "new" / "vault.yml"), vault_of(PROD))
        have, want = file.apply(FileChange(values={"a": 1}), dry=True)
        assert (have.mode, want.mode) == (None, 0o600)
        assert list(path.parent.iterdir()) == []


class TestInlineVault:
    @staticmethod
    def inner(identity: tuple[str, VaultSecret]) -> str:
        lines = vault_of(identity).encrypt(CANARY, secret=identity[1], vault_id=identity[0]).decode().splitlines()
        return "token: !vault |\n" + "".join(f"  {line}\n" for line in lines)

    @pytest.mark.parametrize("end", ["\n", ""])
    def test_survives_when_others_change(self, path: Path, end: str) -> None:
        inner = self.inner(DEV)
        write(path, "a: 1\n" + inner.removesuffix("\n") + end)
        change(path, values={"b": 2}, absent=["a"])
        assert text_of(path) == inner + "b: 2\n"

    def test_is_decrypted_when_it_is_read(self, path: Path) -> None:
        write(path, self.inner(DEV))
        assert VaultFile(str(path), vault_of(PROD, DEV)).read() == {"token": CANARY}

    def test_reading_without_its_secret_names_the_variable(self, path: Path) -> None:
        write(path, self.inner(DEV))
        with pytest.raises(OptionError, match="variable token cannot be used: none of the loaded"):
            VaultFile(str(path), vault_of(PROD)).read()

    def test_is_replaced_by_the_whole_new_value(self, path: Path) -> None:
        nested = "d:\n" + "".join(f"  {line}\n" for line in self.inner(DEV).splitlines())
        write(path, nested + "  x: 1\n")
        assert change(path, values={"d": {"token": CANARY, "x": 1}})
        assert text_of(path) == f"d:\n  token: {CANARY}\n  x: 1\n"
        assert not change(path, values={"d": {"token": CANARY, "x": 1}})


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            pytest.param(f"- {CANARY}\n", "not a mapping of variables but of the type list", id="list"),
            pytest.param(f"a: 1\nb: [{CANARY}\n", r"not YAML that Ansible can read \(line 3 ", id="not-yaml"),
            pytest.param(f"a: 1\nb: !{CANARY} 1\n", r"not YAML that Ansible can read \(line 2 ", id="unknown-tag"),
            pytest.param(f"a: !!bool {CANARY}\n", "not YAML that Ansible can read", id="odd-scalar"),
            pytest.param("a: 2026-13-31\n", "not YAML that Ansible can read", id="odd-date"),
            pytest.param(f"a: 1{':00' * 180}.5\n", "not YAML that Ansible can read", id="odd-number"),
            pytest.param(f"{CANARY}: 1\nb: 2\n{CANARY}: 3\n", r"a variable is there twice \(line 3 ", id="twice"),
            pytest.param(f'{{"{CANARY}": "\\u00e9",\n"{CANARY}": 2}}', r"there twice \(line 2 ", id="twice-in-json"),
            pytest.param(f"&a {CANARY}: 1\nb: 2\n*a : 3\n", r"there twice \(line 1 ", id="twice-by-an-alias"),
            pytest.param(f"a: 1\n---\n{CANARY}: 2\n", "not YAML that Ansible can read", id="two-documents"),
            pytest.param("a: &x [*x]\n", "not YAML that Ansible can read", id="contains-itself"),
        ],
    )
    def test_content(self, path: Path, text: str, complaint: str) -> None:
        write(path, text)
        before = path.read_bytes()
        for use in (lambda: VaultFile(str(path), vault_of(PROD)).read(), lambda: change(path, values={"z": 1})):
            with pytest.raises(OptionError, match=complaint) as caught:
                use()
            assert CANARY not in str(caught.value)
            assert caught.value.__suppress_context__
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize(
        ("text", "value"), [("a: 1\n", 16**5000), (f"{{a: 0x{'f' * 5000}}}\n", 1)], ids=["new", "there"]
    )
    def test_a_number_that_is_too_long_to_be_written(self, path: Path, text: str, value: int) -> None:
        write(path, text)
        with pytest.raises(OptionError, match="a number is too long"):
            change(path, values={"z": value})
        assert text_of(path) == text

    @pytest.mark.parametrize("text", [f"a: {CANARY}\n", "{}\n", "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\n"])
    def test_file_that_is_no_vault(self, path: Path, text: str) -> None:
        path.write_text(text)
        for use in (lambda: VaultFile(str(path), vault_of(PROD)).read(), lambda: change(path, values={"z": 1})):
            with pytest.raises(OptionError, match="not encrypted with Ansible Vault as a whole"):
                use()
        assert path.read_text() == text

    @pytest.mark.parametrize("cut", [20, 200, -3], ids=["header", "middle", "end"])
    def test_damaged_vault(self, path: Path, cut: int) -> None:
        write(path, "a: 1\n")
        path.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(OptionError, match="none of the loaded vault secrets opens it, or it is damaged"):
            change(path, values={"z": 1})

    def test_other_secret(self, path: Path) -> None:
        write(path, "a: 1\n", DEV)
        with pytest.raises(OptionError, match=r"loaded are: prod$"):
            change(path, values={"z": 1})

    def test_text_that_is_not_utf8(self, path: Path) -> None:
        path.write_bytes(vault_of(PROD).encrypt(b"a: \xff\n", secret=PROD[1]))
        with pytest.raises(OptionError, match="not text in UTF-8"):
            change(path, values={"z": 1})

    @pytest.mark.timeout(30)
    def test_folder_pipe_and_link_to_itself(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        for name in ("folder", "pipe"):
            with pytest.raises(OptionError, match="it is not a regular file"):
                change(tmp_path / name, values={"a": 1})
        with pytest.raises(OptionError, match="symbolic links"):
            change(tmp_path / "loop", values={"a": 1})

    def test_folder_that_is_a_file(self, path: Path) -> None:
        path.touch()
        with pytest.raises(OptionError, match="Not a directory"):
            change(path / "vault.yml", values={"a": 1})
