#!/bin/sh
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -e
folder=$(mktemp -d)
export PIPELINE_PASSWORD=an-example
echo '[{"username": "automation", "password": "an-example"}]' > "$folder/seed.json"
python3 "$COLLECTION/tests/emulator" --seed "$folder/seed.json" --url-file "$folder/url" &
emulator=$!
trap 'kill $emulator; rm -r "$folder"' EXIT
until [ -s "$folder/url" ]; do kill -0 $emulator; sleep 0.1; done
openssl rand -base64 30 > "$folder/vault-password"
export RAX_MFA_STATE_DIR="$folder/state" ANSIBLE_VAULT_PASSWORD_FILE="$folder/vault-password"
ansible-playbook site.yml -e mfa_otp_auth_endpoint="$(cat "$folder/url")" -e mfa_otp_vault_file="$folder/mfa.yml"
