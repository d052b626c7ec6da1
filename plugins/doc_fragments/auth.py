# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options by which all modules reach the service and log in. Private to the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Documents `AUTH_SPEC` of module_utils/run/specs.py."""

    DOCUMENTATION = r"""
options:
  username:
    description:
      - Name of the account that logs in, with O(password) or O(api_key).
      - It must be a string, as the password, the key and the token. Put what YAML reads as a number in quotes, such as
        V(0123).
      - Credentials come from one source, whole. They come from the options when O(username), O(password), O(api_key) or
        O(auth_token) is set, else from O(credentials_file), else from the environment variables E(RAX_USERNAME),
        E(RAX_PASSWORD) and E(RAX_API_KEY), else from E(OS_USERNAME) and E(OS_PASSWORD), else from the file that
        E(RAX_CREDS_FILE) names. Two sources are never mixed.
      - An empty string counts as not set, here and in the other options of this kind.
    type: str
  password:
    description:
      - Password of O(username). An account with multi-factor authentication is then asked for a second factor, which
        O(otp_secret) or O(passcode) answers.
      - Leave it out when O(api_key) is given.
    type: str
  api_key:
    description:
      - API key of O(username). It is never asked for a second factor, and its tokens survive when multi-factor
        authentication is turned on.
      - Leave it out when O(password) is given.
    type: str
  auth_token:
    description:
      - A token of an earlier login, for example RV(rackspace.identity.rax_auth_token#module:token.id). Nothing logs in
        as long as the service accepts it.
      - When O(username) and O(password) or O(api_key) are given as well, they are used for one new login in case the
        token is refused. Without them a refused token fails the task.
      - Without O(user_id), the token of another account than O(username) fails the task.
    type: str
  user_id:
    description:
      - ID of the account that O(auth_token) belongs to. It saves the request that would look it up.
      - Needed with a token of O(rackspace.identity.rax_auth_token#module:scope=setup_mfa), which may not look itself
        up.
    type: str
  otp_secret:
    description:
      - The secret of a verified OTP device of the account. It answers the second step of a login by O(password).
      - A base32 string in any spelling, an C(otpauth://) URI, or a dictionary with the key C(secret) or C(key_uri),
        such as the role P(rackspace.identity.mfa_otp#role) stores. A C(step_offset) in the dictionary is used as well.
      - The dictionary of another account is refused before anything is sent. So is a URI whose codes the service does
        not take. It takes codes of 6 digits that change every 30 seconds.
      - One code is computed by the service's clock and sent. After a refusal at most one more is sent, in a later time
        step. After two refusals, for 31 minutes after the last of them, the task fails before it sends a third, which
        could lock the account.
      - Leave it out when O(passcode) is given.
    type: raw
  passcode:
    description:
      - A code for the second step of a login by O(password) that a person typed, or a bypass code. It is sent once.
      - It must be a string, because a number loses its leading zeros. Put it in quotes. Blanks and hyphens between the
        digits are left out.
      - What cannot be a passcode is refused before anything is sent. A code of a device has 6 digits, one by SMS 7, a
        bypass code 8 or 9.
      - One that was accepted before is not sent again. Pass the token of its login on to the next task (O(auth_token)).
      - A store that cannot be read stops the task before the passcode is sent. Leave C(store) out to log in without it.
      - If the task may save something in C(store), a bypass code is not sent when the store can't be written, also if
        it turns out that there is nothing to save. Check mode sends it.
      - A stored bypass code that was accepted is removed from C(store).
      - Leave it out when O(otp_secret) is given.
    type: raw
  store_is_persistent:
    description:
      - A task refuses to keep a secret or the record of used passcodes in the folder of a job of AWX or Automation
        Platform, which is removed with the job. Set this when the folder is kept.
    type: bool
    default: false
  use:
    description:
      - What answers the second step of a login with the option C(store).
      - V(secret) is the stored secret.
      - V(bypass_code) is for a lost device. It is the secret of a new device that an interrupted recovery has verified,
        else a stored bypass code. The code is taken out of the store before it is sent, and goes
        back when the service did not look at it.
    type: str
    choices: [secret, bypass_code]
    default: secret
  auth_endpoint:
    description:
      - Where the service is. V(us), V(uk), or the URL of an Identity service with or without C(/v2.0).
      - When it is not set, the environment variable E(RAX_AUTH_ENDPOINT) is used, and then V(us). E(OS_AUTH_URL) is
        used in its place when the credentials come from E(OS_USERNAME) and E(OS_PASSWORD).
      - A URL that begins with C(http://) must be on this machine, unless O(allow_http) is V(true).
    type: str
  allow_http:
    description:
      - Whether C(http://) may be used for another machine. Everyone on the way can then read passwords, tokens and
        secrets. For a test network of your own only.
    type: bool
    default: false
  tenant_id:
    description:
      - ID of the tenant to log in to. Leave it out when O(tenant_name) is given.
    type: str
  tenant_name:
    description:
      - Name of the tenant to log in to. Leave it out when O(tenant_id) is given.
    type: str
  credentials_file:
    description:
      - An INI file with a section C([rackspace_cloud]) that holds C(username) and C(api_key), or C(password).
      - It is read when no other option gives credentials, and comes before the environment.
    type: path
  validate_certs:
    description:
      - Whether the certificate of the service is verified. Set it to V(false) for tests of your own only.
    type: bool
    default: true
  ca_path:
    description:
      - A file or a folder with the certificates of the authorities to trust. When it is not set, the environment
        variables E(REQUESTS_CA_BUNDLE), E(CURL_CA_BUNDLE), E(SSL_CERT_FILE) and E(SSL_CERT_DIR) are used in this order,
        and then the authorities of the system.
    type: path
  timeout:
    description:
      - Seconds that one request may take, with its repeats and the pauses between them, however slowly an answer comes.
        A day at most. A try that may be repeated ends after half of the time that is left.
      - A connection that can't be made is given up after 10 seconds.
    type: float
    default: 60.0
  max_wait:
    description:
      - Seconds that the task may wait for a code that is valid and was not used. A longer wait fails at once.
    type: float
    default: 65.0
  state_dir:
    description:
      - Folder for the record of used and refused codes, which spares accounts a lock-out over several runs. It has one
        small file for each account and holds no secret.
      - When it is not set, the environment variable E(RAX_MFA_STATE_DIR) is used, an absolute path, and then
        C(rackspace.identity) in E(XDG_STATE_HOME) or in C(~/.local/state).
    type: path
requirements:
  - requests (2.28 or later)
  - pyotp (if a secret is given, or made)
notes:
  - Read access and changes are repeated after broken connections, rate limits and HTTP status 5xx, within O(timeout).
    What may not be sent twice is not.
  - Proxies are taken from E(https_proxy), E(http_proxy), E(all_proxy) and E(no_proxy), in either case. All environment
    variables can be set with C(environment) on the task or the play. A password or an API key there is refused for a
    task that runs as an ordinary module (on another host, with C(become), C(async) or another interpreter), because
    Ansible would write it into a command line.
  - C(async) is refused for a module that returns a secret, because the file of the job could be read by others.
  - A failed task returns RV(ignore:error) with the keys C(kind), C(status), C(service_message) and C(retry_after).
    C(kind) is one of V(bad_credentials), V(passcode_required), V(passcode_refused), V(account_locked),
    V(setup_required), V(forbidden), V(not_found), V(conflict), V(rate_limited), V(unavailable), V(invalid_answer),
    V(connection) and V(tls). It is missing when the options themselves are at fault.
  - Set the shared options once for all modules with C(module_defaults) and C(group/rackspace.identity.rax).
"""
