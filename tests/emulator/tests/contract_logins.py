# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests play which statements of the contract: Authentication, Who may act on whom, Clocks and networks."""

from __future__ import annotations

from .contract_text import ADVICE, Rows

ROWS: dict[str, Rows] = {
    "Authentication": {
        "auth passwordCredentials username U password 94b01f33": (
            "test_authentication::test_credentials_give_a_token",
        ),
        "tenantId or tenantName optional never 83757c01": (
            "test_authentication::test_tenant_is_checked",
            "test_authentication::test_tenant_id_and_name_together_are_refused",
        ),
        "An API key is never aba781c0": (
            "test_lock_out::test_api_keys_work_before_and_while",
            "test_tokens::TestTurningMfaOn::test_tokens_of_api_keys_and_of_administrators_stay",
        ),
        "A password of a user 2421db93": (
            "test_second_step::TestChallenge::test_single_header",
            "test_second_step::TestChallenge::test_factor_of_otp_users_may_have_another_name",
            "test_second_step::TestChallenge::test_alphabet_of_session_ids",
            "test_requests::test_messages_end_with_or_without_a_full_stop",
        ),
        "A 401 without that header 8087a370": (
            "test_authentication::test_wrong_credentials_are_unauthorized_without_a_challenge",
            "test_authentication::test_expired_password_is_told_without_a_challenge",
            "test_authentication::test_tenant_is_checked",
            "test_lock_out::test_first_step_is_unauthorized_without_a_challenge",
        ),
        "tenantId belongs in the second 24a62381": (
            "test_second_step::TestTenant::test_right_one",
            "test_second_step::TestTenant::test_wrong_one_is_told_after_the_passcode_was_spent",
            "test_second_step::TestChallenge::test_tenant_of_the_first_step_is_not_looked_at",
        ),
        "There may be other WWW b591a618": ("test_second_step::TestChallenge::test_other_values_beside_it",),
        "Then auth RAX AUTH passcodeCredentials f1869463": (
            "test_second_step::test_right_passcode_gives_a_token_of_both_factors",
            "test_authentication::test_malformed_second_step_is_a_bad_request",
        ),
        "A session lives five minutes 6418e3c9": (
            "test_second_step::TestSession::test_lives_five_minutes",
            "test_second_step::TestSession::test_outlives_a_wrong_passcode",
        ),
        "Success 200 and access token 2ac8f809": (
            "test_second_step::test_right_passcode_gives_a_token_of_both_factors",
            "test_second_step::test_sms_passcode_gives_a_token_of_both_factors",
        ),
        "A bypass code may stand 917ba9cf": ("test_bypass_codes::test_each_is_good_once",),
        "Lock out three wrong passcodes ac1005d1": (
            "test_lock_out::test_second_step_is_forbidden",
            "test_lock_out::test_first_step_is_unauthorized_without_a_challenge",
            "test_lock_out::test_more_than_six_may_be_needed",
            "test_lock_out::test_ends_that_time_after_the_last_failure",
        ),
        "The count outlives a run f5f61742": (
            "test_lock_out::test_success_clears_the_count",
            "test_settings::TestUnlock::test_of_another_user",
            "test_lock_out::test_turning_mfa_off_clears_the_count",
            "test_lock_out::test_ends_that_time_after_the_last_failure",
            "test_lock_out::test_refusals_while_locked_do_not_prolong_it",
        ),
        "So a client never guesses 840b6985": (ADVICE,),
        "While locked bypass codes are 74dd401a": ("test_lock_out::test_bypass_codes_are_refused_and_kept",),
        "API keys work 711c358b": ("test_lock_out::test_api_keys_work_before_and_while",),
        "A 401 of the second a788ccca": (
            "test_second_step::TestSession::test_dead_one_sounds_like_a_wrong_passcode_and_neither_counts_nor_spends",
        ),
        "a 403 of the second d82d305a": (
            "test_lock_out::test_second_step_is_forbidden",
            "test_authentication::TestSetupScope::test_scope_in_the_second_step_is_refused_before_the_passcode_is_spent",
        ),
        "A session begun in the d97ac2cd": (
            "test_second_step::TestSession::test_first_one_after_mfa_was_turned_on_may_be_dead",
            "test_second_step::TestSession::test_each_one_in_the_seconds_after_may_be_dead",
        ),
        "A user who must have 8df45498": (
            "test_authentication::TestSetupScope::test_login_without_the_scope_is_forbidden",
        ),
        "adding RAX AUTH scope SETUP 9cb86d92": (
            "test_authentication::TestSetupScope::test_scope_gives_a_token_for_multi_factor_paths_of_that_user_only",
        ),
        "That scope is refused 403 5cf266c3": (
            "test_authentication::TestSetupScope::test_scope_is_refused_if_mfa_is_on",
            "test_authentication::TestSetupScope::test_scope_is_refused_if_mfa_is_not_required",
        ),
        "The token dies when MFA 7c4e01f2": (
            "test_authentication::TestSetupScope::test_account_of_a_mandated_domain_sets_mfa_up_by_the_scope",
            "test_authentication::TestSetupScope::test_token_of_an_api_key_dies_too_when_mfa_is_on",
        ),
        "by the guide already when 4857ae52": (
            "test_authentication::TestSetupScope::test_scoped_token_may_die_when_a_device_has_been_added",
        ),
        "A disabled user gets 403 b28ec0cc": (
            "test_authentication::test_disabled_user_is_told_so",
            "test_authentication::test_wrong_credentials_are_unauthorized_without_a_challenge",
        ),
        "User names are matched without 2130e098": (
            "test_authentication::test_user_names_are_matched_without_regard_to_case",
            "test_users::test_user_by_name",
        ),
        "The answer access token id e9df71dc": ("test_authentication::test_answer_has_what_other_clients_insist_on",),
        "Other clients insist on the be2dfe1d": ("test_authentication::test_answer_has_what_other_clients_insist_on",),
        "the guide s answers leave 3d1e8a4f": (
            "test_authentication::test_lean_answer_leaves_it_out",
            "test_authentication::test_answer_may_lack_one_part",
        ),
        "expires may carry milliseconds and 7b68e3f5": ("test_authentication::test_expires_in_all_its_forms",),
        "authenticatedBy has no fixed order 809358f4": (
            "test_tokens::test_order_of_authenticated_by",
            "test_tokens::test_order_of_authenticated_by_changes_by_default",
        ),
    },
    "Who may act on whom": {
        "Oneself devices settings not unlock f0df085b": (
            "test_who_may_act::test_reading_and_writing",
            "test_settings::TestUnlock::test_of_oneself_is_forbidden",
        ),
        "A user admin any user 50b2d105": (
            "test_who_may_act::test_reading_and_writing",
            "test_who_may_act::test_user_admin_may_be_confined_to_default_users",
        ),
        "A user manage or user 1a315ebb": (
            "test_who_may_act::test_reading_and_writing",
            "test_authentication::test_those_who_manage_users_are_default_users_as_well",
        ),
        "Anyone else 403 b3226408": ("test_who_may_act::test_every_operation_is_refused",),
        "An unknown user id 404 6e9d29f3": (
            "test_who_may_act::test_every_operation_is_refused",
            "test_who_may_act::test_unknown_user_by_id_is_not_found",
        ),
        "Federated users 403 af742c02": ("test_who_may_act::test_every_operation_is_refused",),
    },
    "Clocks and networks": {
        "Every answer carries Date the c3678119": (
            "test_requests::test_every_answer_carries_the_date_of_the_service",
            "test_unexpected::test_request_that_is_no_http",
        ),
        "It is the one to 7e92f825": (
            "test_clock::test_moves_while_it_stands",
            "test_spoiled_answers::TestDate::test_is_off_by_so_much",
        ),
        "Connections break answers are slow 3c6c5ef0": (
            "test_faults::test_connection_breaks_before_or_after_the_work",
            "test_faults::test_delay_takes_real_time",
            "test_spoiled_answers::test_dripping_answer_is_slower_than_any_pause_of_it",
            "test_spoiled_answers::test_endless_answer_has_no_end",
            "test_trouble::test_refuses_a_share_of_the_requests_never_twice_in_a_row",
        ),
        "GET PUT and DELETE above 5b314041": ("test_trouble::test_pages_still_hold_each_user_once",),
        "POST otp devices may not 6e0cd381": ("test_faults::test_connection_breaks_before_or_after_the_work",),
    },
}
