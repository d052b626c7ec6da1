# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests play which statements of the contract: OTP devices, Settings, Bypass codes."""

from __future__ import annotations

from .contract_text import ADVICE, Rows

ROWS: dict[str, Rows] = {
    "OTP devices": {
        "A name is unique by bf43819b": (
            "test_otp_devices::test_names_may_have_to_be_unique",
            "test_otp_devices::test_names_are_not_unique",
        ),
        "At most five a user 99c898ec": ("test_otp_devices::test_one_device_too_many_is_refused",),
        "the sixth 400 You have ccbeab4b": ("test_otp_devices::test_one_device_too_many_is_refused",),
        "A blank name 400 Must 351839fc": ("test_otp_devices::test_blank_name_or_wrong_body_is_refused",),
        "Names are not unique Order 3bcf2934": (
            "test_otp_devices::test_names_are_not_unique",
            "test_otp_devices::test_order_of_the_list_is_not_defined",
        ),
        "The 201 of the creation 4148f0e4": (
            "test_otp_devices::test_secret_is_in_no_other_answer",
            "test_otp_devices::test_qr_code_has_the_size_of_the_service",
            "test_otp_devices::test_qr_code_reads_as_the_key_uri",
        ),
        "If that answer is lost 7d466762": (
            "test_faults::test_connection_breaks_before_or_after_the_work",
            "test_spoiled_answers::TestTls::test_answer_is_lost",
        ),
        "keyUri is otpauth totp Rackspace 9a62300d": ("test_otp_devices::test_key_uri",),
        "The name is only quoted 1f751a06": ("test_otp_devices::test_key_uri",),
        "Codes 6 digits SHA 1 cd059678": (
            "test_accepted_steps::test_verification",
            "test_otp_verification::TestVerification::test_right_code",
        ),
        "Which time steps the server 542d1c5d": (
            "test_accepted_steps::test_verification",
            "test_accepted_steps::test_login",
            "test_accepted_steps::test_lag_is_a_switch",
        ),
        "A code that was accepted c2c1ba99": (
            "test_second_step::TestReplay::test_second_login_with_one_code",
            "test_second_step::TestReplay::test_login_with_the_code_of_the_verification",
        ),
        "Verification and login use one b6715c0e": (
            "test_accepted_steps::test_verification",
            "test_accepted_steps::test_login",
        ),
        "A refused code is not cb4b0dc3": ("test_second_step::TestReplay::test_refused_code_is_not_spent",),
        "Verify 204 a911db84": ("test_otp_verification::TestVerification::test_right_code",),
        "a wrong code 400 The 61684dc2": ("test_otp_verification::TestVerification::test_wrong_code",),
        "verified before 400 The specified d31da53e": (
            "test_otp_verification::TestVerification::test_verified_before",
        ),
        "an unknown device 404 5f3f2793": ("test_otp_verification::TestVerification::test_unknown_device",),
        "Failed verifications do not lock eb6d2de9": ("test_lock_out::test_failed_verifications_do_not_lock",),
        "A name with or can 97ff281a": ("test_otp_devices::test_bracket_in_a_name_may_answer_500_after_storing",),
        "A list of devices can 1a2c418d": (
            "test_otp_devices::test_list_may_come_back_empty_by_mistake",
            "test_trouble::test_list_of_devices_is_empty_at_times_but_not_twice_in_a_row",
        ),
        "before creating anew after a 632c4e82": (ADVICE,),
        "Delete the last verified device ee88c84a": (
            "test_otp_verification::TestDeletion::test_last_verified_one_while_mfa_is_on",
            "test_otp_verification::TestDeletion::test_one_of_two_verified_ones_while_mfa_is_on",
        ),
        "Unknown 404 1c9d39aa": ("test_otp_verification::TestDeletion::test_unknown_one",),
    },
    "Settings": {
        "One PUT changes one kind 752138c1": ("test_settings::test_on",),
        "mixing kinds is a 400 9f62e6ac": ("test_settings::test_mixed_or_malformed_settings_are_refused",),
        "enabled true on factor chosen fa2a170a": ("test_settings::test_on", "test_settings::test_on_is_refused"),
        "enabled true factorType OTP on 6b603776": ("test_settings::test_on", "test_settings::test_on_is_refused"),
        "factorType OTP switch the factor 70db5ff7": (
            "test_settings::TestFactor::test_switch",
            "test_settings::TestFactor::test_while_off",
        ),
        "enabled false off factor cleared fac54521": (
            "test_settings::TestOff::test_keeps_devices_clears_factor_and_voids_bypass_codes",
            "test_settings::test_mixed_or_malformed_settings_are_refused",
        ),
        "unlock true lift a lock 38b12eda": (
            "test_settings::TestUnlock::test_of_another_user",
            "test_settings::TestUnlock::test_of_oneself_is_forbidden",
            "test_settings::TestUnlock::test_false_does_nothing",
        ),
        "userMultiFactorEnforcementLevel REQUIRED OPTIONAL DEFAULT policy 2a505736": (
            "test_settings::TestLevel::test_is_set",
            "test_settings::TestLevel::test_unknown_is_refused",
            "test_settings::TestLevel::test_by_a_default_user_is_forbidden",
        ),
        "The same value again is 753d5a8b": (
            "test_settings::TestOff::test_again_changes_nothing",
            "test_settings::TestLevel::test_is_set",
            "test_tokens::TestTurningMfaOn::test_turning_it_on_again_changes_nothing",
        ),
        "Turning MFA on revokes every 852cff07": (
            "test_tokens::TestTurningMfaOn::test_tokens_of_the_password_die_the_callers_own_included",
        ),
        "the next call with it ea23030c": (
            "test_tokens::TestTurningMfaOn::test_tokens_of_the_password_die_the_callers_own_included",
        ),
        "Tokens of API keys of ed34a823": (
            "test_tokens::TestTurningMfaOn::test_tokens_of_api_keys_and_of_administrators_stay",
            "test_tokens::TestTurningMfaOn::test_mfa_tokens_stay",
            "test_tokens::TestTurningMfaOn::test_every_token_of_the_user_may_die",
        ),
        "So enabled and factorType go 60604ced": (ADVICE,),
        "Adding a phone replaces the 2a92c473": ("test_phones::test_another_number_replaces_the_phone",),
        "the same number again is fac2f4cb": ("test_phones::test_same_number_again_changes_nothing",),
        "Numbers are E 123 1 1df9a626": (
            "test_phones::test_number_may_have_blanks_hyphens_and_brackets",
            "test_phones::test_number_may_be_listed_in_another_form",
            "test_phones::test_wrong_number_is_refused",
        ),
        "A new phone s answer 3a6f038b": ("test_phones::test_add_list_get_delete",),
        "The SMS code is 4 50b23753": (
            "test_phones::test_code_has_the_digits_of_the_service",
            "test_second_step::test_sms_passcode_gives_a_token_of_both_factors",
        ),
        "Raising the enforcement level of 880e47c2": (
            "test_tokens::TestRaisingTheLevel::test_of_a_user",
            "test_tokens::TestRaisingTheLevel::test_of_a_domain",
            "test_tokens::TestRaisingTheLevel::test_of_a_user_may_revoke_all_but_mfa_tokens",
        ),
        "RACKSPACE MANDATED on the domain ae943978": ("test_settings::TestLevel::test_under_a_mandate_is_forbidden",),
        "A domain s level may 20edcfe7": (
            "test_domain::test_is_set_by_an_administrator_with_mfa",
            "test_domain::test_is_set_by_an_administrator_whose_level_is_optional",
            "test_domain::test_is_not_set_by_an_administrator_with_neither",
            "test_domain::test_is_not_set_by_others",
        ),
        "State is read from the 01198efe": (
            "test_users::test_user_with_mfa",
            "test_users::test_user_without_mfa",
            "test_users::test_factor_type_may_be_absent_while_on",
            "test_lock_out::test_user_shows_it",
        ),
        "multiFactorState may be absent while 221c6000": (
            "test_users::test_state_may_be_absent_until_the_account_has_been_locked",
        ),
        "A missing multiFactorEnabled means off eb09ca1d": ("test_users::test_missing_flag_means_off",),
        "The user s own record 967bad87": ("test_users::test_own_record_holds_a_secret_that_is_none_of_ours",),
        "Ids of domains are strings 4af74911": (
            "test_domain::test_id_may_have_a_colon",
            "test_domain::test_form_of_ids",
        ),
        "a domain s level may 036e4c87": ("test_domain::test_level_may_be_absent",),
    },
    "Bypass codes": {
        "Only while MFA is on 5ff57f95": ("test_bypass_codes::test_while_mfa_is_off_is_refused",),
        "Values out of range are 8cb43ef3": (
            "test_bypass_codes::test_number_for_oneself_is_clamped",
            "test_bypass_codes::test_for_another_user",
            "test_bypass_codes::test_clamped_duration_is_never_what_was_asked_for",
        ),
        "validityDuration is an xsd duration 3f792402": (
            "test_bypass_codes::test_duration_in_years_months_and_days",
            "test_bypass_codes::test_without_a_duration_they_do_not_expire",
        ),
        "For oneself 1 to 10 41498124": (
            "test_bypass_codes::test_number_for_oneself_is_clamped",
            "test_bypass_codes::test_duration_for_oneself",
            "test_bypass_codes::test_duration_ends_with_the_calendar",
        ),
        "none given they do not dee93807": (
            "test_bypass_codes::test_without_a_duration_they_do_not_expire",
            "test_bypass_codes::test_without_a_duration_they_may_die_after_thirty_minutes",
        ),
        "For another user one code 075c9622": ("test_bypass_codes::test_for_another_user",),
        "New codes replace all older b07d092e": ("test_bypass_codes::test_new_codes_replace_all_older_ones",),
        "8 digits the reference shows 0ed8be7f": (
            "test_bypass_codes::test_number_for_oneself_is_clamped",
            "test_bypass_codes::test_may_have_nine_digits",
            "test_bypass_codes::test_each_is_good_once",
        ),
    },
}
