# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests play which statements of the contract: Head, Operations, Faults."""

from __future__ import annotations

from .contract_text import ADVICE, Rows

ROWS: dict[str, Rows] = {
    "Head": {
        "What the service does as 47eb6e14": (ADVICE,),
        "The emulator reproduces every line f18db6f1": ("test_contract::test_every_line_of_the_contract_has_a_row",),
        "the collection relies on no db00a8a2": (ADVICE,),
        "observed the guide is silent ed66c1bb": (ADVICE,),
        "documented the published pages say 16b0d55c": (ADVICE,),
        "Either way the client must 9a467b81": ("test_switches::test_every_value_may_be_set",),
        "The normal account must have bd26aa68": (
            "test_authentication::TestSetupScope::test_login_without_the_scope_is_forbidden",
            "test_authentication::TestSetupScope::test_account_of_a_mandated_domain_sets_mfa_up_by_the_scope",
        ),
        "A user without MFA is 2afb50f5": (
            "test_authentication::TestSetupScope::test_account_of_a_mandated_domain_sets_mfa_up_by_the_scope",
        ),
        "Base URL US https identity b81fb6e1": (ADVICE,),
        "All bodies are JSON Content 54172ecc": (
            "test_requests::test_other_content_type_is_refused",
            "test_unexpected::test_accept_by_its_rules",
            "test_unexpected::test_odd_request_line",
        ),
        "Authenticated calls carry X Auth 83f8fdbe": (
            "test_requests::test_call_without_a_live_token_is_unauthorized",
            "test_who_may_act::test_every_operation_is_refused",
        ),
        "User attributes come with the 5530d10d": ("test_users::test_user_with_mfa",),
        "the guide also prints rax 5897f9a2": (
            "test_requests::test_documented_style_writes_keys_in_lower_case_and_booleans_as_text",
        ),
    },
    "Operations": {
        "authenticate POST v2 0 tokens 3dad9c92": ("test_authentication::test_credentials_give_a_token",),
        "validate revoke a token GET fdb32c01": (
            "test_tokens::test_own_token_is_valid",
            "test_tokens::test_revoked_token_is_dead",
            "test_settings::test_success_may_be_a_200",
        ),
        "list users of the domain 7c44b73e": (
            "test_users::test_list_shows_whom_the_caller_administers",
            "test_users::test_pages_hold_each_user_once",
            "test_users::test_link_to_the_next_page_has_many_forms",
            "test_users::test_marker_whose_user_is_gone_is_not_found",
            "test_users::test_limit_above_the_greatest_is_refused_for_good",
            "test_users::test_limit_makes_pages_shorter_and_goes_on_in_the_link",
        ),
        "one user by name GET 1bc460bf": (
            "test_users::test_user_by_name",
            "test_users::test_unknown_or_foreign_name_is_refused",
        ),
        "one user by id GET c99e49ce": ("test_users::test_user_without_mfa",),
        "add an OTP device POST d8d8341f": (
            "test_otp_devices::test_creation_answers_with_the_device_and_its_location",
        ),
        "list OTP devices GET multi fecedfcb": ("test_otp_devices::test_list_and_single_device_show_three_members",),
        "one OTP device GET otp 0f73485d": ("test_otp_devices::test_list_and_single_device_show_three_members",),
        "verify an OTP device POST ac3904fd": ("test_otp_verification::TestVerification::test_right_code",),
        "delete an OTP device DELETE f9f530e5": ("test_otp_verification::TestDeletion::test_unverified_one",),
        "all devices observed GET multi 2adfb607": ("test_otp_devices::test_all_devices_lists_both_kinds",),
        "phones list add get delete 72777de7": ("test_phones::test_add_list_get_delete",),
        "phones send a code verify 25dab04d": (
            "test_phones::test_statuses_of_a_success",
            "test_phones::TestForOneselfOnly::test_administrator_is_refused",
        ),
        "settings PUT multi factor RAX 2c173cf9": (
            "test_settings::test_on",
            "test_settings::test_success_may_be_a_200",
        ),
        "remove everything DELETE multi factor c5c9758c": (
            "test_settings::TestRemoval::test_takes_settings_phones_and_devices",
            "test_settings::TestRemoval::test_keeps_level_and_bypass_codes",
            "test_settings::TestRemoval::test_of_nothing",
            "test_lock_out::test_removing_everything_keeps_the_count",
        ),
        "bypass codes POST multi factor aedff2c6": (
            "test_bypass_codes::test_number_for_oneself_is_clamped",
            "test_bypass_codes::test_duration_for_oneself",
        ),
        "domain policy PUT v2 0 152fbe2b": (
            "test_domain::test_is_set_by_an_administrator_whose_level_is_optional",
            "test_domain::test_is_read_by_those_who_administer",
        ),
    },
    "Faults": {
        "name code N message 400 c108de41": (
            "test_requests::test_rate_limit_refuses_every_nth_request_before_the_work",
            "test_requests::test_rate_limit_tells_in_one_of_four_forms_when_to_try_again",
            "test_requests::test_other_method_is_refused",
            "test_requests::test_other_content_type_is_refused",
            "test_requests::test_unknown_path_is_not_found",
            "test_unexpected::test_error_of_the_emulator_itself_is_the_fault_of_the_service",
            "test_authentication::test_disabled_user_is_told_so",
            "test_faults::test_status",
        ),
        "A gateway in front may 0bf04c66": (
            "test_faults::test_status",
            "test_spoiled_answers::test_gateway_has_challenges_of_its_own",
        ),
        "Messages may be led by cf15762a": (
            "test_requests::test_messages_may_have_a_prefix",
            "test_requests::test_messages_end_with_or_without_a_full_stop",
        ),
        "Requests are read strictly one 17c3ace0": (
            "test_requests::test_wrong_body_is_refused",
            "test_requests::test_body_that_is_no_json_is_refused",
            "test_otp_verification::TestVerification::test_code_as_a_number_is_refused",
            "test_otp_verification::TestVerification::test_leading_zeros_count",
        ),
        "Take a new device s aef7d9c1": ("test_otp_devices::test_creation_may_answer_200_with_a_misleading_location",),
        "the creation may answer 200 6b1fcec5": (
            "test_otp_devices::test_creation_may_answer_200_with_a_misleading_location",
        ),
        "Any 2xx that fits is ecc0880a": (
            "test_settings::test_success_may_be_a_200",
            "test_phones::test_statuses_of_a_success",
            "test_domain::test_success_may_be_a_200",
        ),
    },
}
