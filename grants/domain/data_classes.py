"""What kind of data each column of each table holds, and how a row of it leads to the person whom it is about.

One table, by hand, that everything goes by: what a person is shown, what erasing them blanks, what a backup seals
under their key. A column that nobody classed fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping

from grants.domain.data_held import Held, held

_GRANT = "grant_id.person_id"
_APPLICATION = "application_id.person_id"
_ATTEMPT = "attempt_id.payment_id.grant_id.person_id"

SUBJECTS: Mapping[str, tuple[str, str]] = {
    "person": ("people", "id"),
    "application": ("applications", "person_id"),
    "grant": ("grants", "person_id"),
    "payee": ("payees", "person_id"),
    "ask": ("asks", _GRANT),
    "payment": ("payments", _GRANT),
    "attempt": ("attempts", "payment_id.grant_id.person_id"),
    "drawn": ("drawn", _GRANT),
    "look_back": ("looked_back", "decision_id.application_id.person_id"),
    "objection": ("objections", _GRANT),
    "incident": ("incidents", _ATTEMPT),
    "bank_line": ("bank_lines", _ATTEMPT),
    "journal": ("journals", _ATTEMPT),
    "help_call": ("help_calls", "person_id"),
    "story": ("stories", "person_id"),
    "contact_change": ("contact_changes", "person_id"),
    "data_request": ("data_requests", "person_id"),
    "message": ("messages", "person_id"),
    "referral": ("referrals", _APPLICATION),
}
"""Subjects of events and tasks that are about one person: the table of the thing, and the way from it to them."""

TABLES: Mapping[str, Held] = {
    # People, and what they send
    "people": held(
        "id",
        F="id number created_at erased_at",
        R="name name_key language ward area district phone email address channel contact_safe contact_wish "
        "household_size sender discreet avoid hours_from hours_until voicemail shared",
        A="contact_checked_by contact_checked_at",
    ),
    "person_keys": held("person_id", vault="sealed", L="person_id sealed"),
    "payees": held(
        "person_id",
        vault="sealed",
        F="id person_id how own check created_at",
        R="whose why",
        B="name sealed fingerprint hint token",
    ),
    "payee_changes": held(
        "payee_id.person_id",
        vault="sealed",
        F="id payee_id asked_at agreed_at usable_at applied_at dropped_at",
        B="sealed fingerprint hint name",
        S="why waived_why",
        A="asked_by agreed_by waived_by",
    ),
    "drafts": held(
        _APPLICATION,
        vault="sealed",
        whole=True,
        R="sealed",
        O="id fund_id holder",
        L="token_hash application_id touched_at code_hash kept_until helper_hash referral_id",
    ),
    "applications": held(
        "person_id",
        F="id reference fund_id person_id payee_id amount currency purposes reason route attested conditions typed_by "
        "state submitted_at decided_at repeat_of",
        R="helper_name helper_organisation helper_contact",
        S="need answers notes",
        L="form_key import_key",
        A="partner_id entered_by",
    ),
    "decisions": held(
        _APPLICATION,
        F="id application_id kind amount at second_at waiting withdrawn_at",
        S="reason eligible why_second",
        A="by second_by",
    ),
    "contact_changes": held(
        "person_id",
        person="sealed",
        whole=True,
        R="channel sealed",
        L="id person_id grant_id proven code_hash tries asked_at expires_at applied_at dropped_at",
        A="applied_by",
    ),
    "referrals": held(
        _APPLICATION,
        R="for_whom",
        F="id fund_id organisation attested created_at expires_at used_at withdrawn_at application_id",
        L="token_hash",
        A="made_by",
    ),
    # Grants and what is told of them
    "grants": held(
        "person_id",
        F="id reference application_id fund_id person_id payee_id amount currency terms facts minutes state awarded_at "
        "awarded_on paid_at confirmed_at pace firm_on trial_id arm",
        O="policy_slug policy_source",
        S="hold_reason",
        A="decided_by second_by",
    ),
    "links": held(
        f"{_GRANT}|{_APPLICATION}",
        L="id grant_id application_id token_hash created_at expires_at revoked_at",
    ),
    "letter_codes": held(_GRANT, L="id grant_id code_hash created_at expires_at used_at revoked_at"),
    "typed_codes": held(L="id code_hash said typed_at"),
    "asks": held(
        _GRANT,
        F="id grant_id slug title form of minutes due_on if_missed state answered_at how reminders reminded told_at "
        "decide_by",
        C="answers",
        S="why",
    ),
    "attachments": held(
        "ask_id.grant_id.person_id",
        vault="sealed",
        whole=True,
        F="id ask_id media_type width height size added_at",
        C="sealed",
        A="added_by",
    ),
    "further_questions": held(
        "person_id",
        F="id ask_id person_id funder_id opened_at answer answered_at expires_on appealed_at appeal_answered_at",
        S="why appeal",
        A="answered_by appeal_answered_by",
    ),
    "confirmations": held(_GRANT, F="id grant_id kind how at", C="words", A="recorded_by"),
    "stories": held(
        "person_id",
        person="sealed",
        F="id grant_id ask_id person_id language how told_at removed_at",
        C="sealed",
        A="recorded_by",
    ),
    "story_pictures": held(
        "story_id.person_id",
        person="sealed",
        whole=True,
        F="id story_id media_type width height size added_at",
        C="sealed",
    ),
    "consents": held("story_id.person_id", F="id story_id to how given_at withdrawn_at"),
    "help_calls": held(
        "person_id",
        person="sealed answer",
        F="id kind code grant_id application_id person_id outside how opened_at answer_by reminded answered_at outcome "
        "closed_at",
        S="sealed answer",
        A="not_for reader_id chosen_id taken_by task_id answered_by",
    ),
    "data_requests": held(
        "person_id",
        person="words",
        F="id person_id grant_id kind how asked_at due_on checked_how checked_at handed_how closed_at",
        S="words outcome",
        A="checked_by closed_by",
    ),
    "objections": held(
        _GRANT,
        F="id fund_id grant_id policy_slug ask_slug said_by at answer_by answered_at",
        S="words answer",
        O="told_as",
        A="user_id answered_by",
    ),
    "messages": held(
        "person_id",
        vault="secret",
        F="id number channel language person_id queued_at sent_at gave_up_at tries problem doubtful event key grant_id "
        "application_id send_after provider_reference delivered_at came_back_at printed_at",
        R="to subject text",
        L="secret",
        A="user_id printed_by",
    ),
    "message_words": held(O="id event language channel subject text", A="edited_by edited_at"),
    "language_reviews": held(O="id language part digest reviewer reviewed_on note", A="recorded_by recorded_at"),
    # Money
    "payments": held(_GRANT, F="id grant_id number amount currency due_on rail statement done"),
    "attempts": held(
        "payment_id.grant_id.person_id",
        F="id payment_id run_id number rail amount currency key body body_hash state provider_reference code tries "
        "created_at sent_at settled_at paid_on hand_reference float_id",
        A="recorded_by confirmed_by",
    ),
    "runs": held(O="id rail state built_at released_at finished_at why held_by", A="built_by released_by"),
    "provider_events": held(L="id rail event_id kind about received_at handled_at result tries"),
    "bank_files": held(B="sealed", L="digest", F="id run_id payments amount currency pay_on made_at"),
    "bank_file_keys": held(vault="sealed", L="file_id sealed"),
    "bank_file_downloads": held(A="id file_id user_id at"),
    "bank_lines": held(
        _ATTEMPT,
        F="id key line_on amount currency state kind attempt_id journal_key imported_at",
        B="reference words",
        S="why",
        A="explained_by imported_by",
    ),
    "accounts": held(F="id name kind currency balance"),
    "journals": held(f"{_GRANT}|{_ATTEMPT}", F="id key kind posted_on at fund_id grant_id attempt_id why"),
    "lines": held("journal_id.grant_id.person_id", F="id journal_id account_id amount"),
    "seals": held(A="id source row_id digest at"),
    "periods": held(A="id closed_up_to closed_by closed_at why"),
    "floats": held(
        F="id amount currency opened_at due_back_at counted_back",
        A="holder_id counted_by reconciled_by reconciled_at note",
    ),
    "fund_returns": held(
        F="id fund_id amount reference proposed_at agreed_at dropped_at", A="why proposed_by agreed_by dropped_by"
    ),
    # Funds, policies, funders
    "funders": held(O="id name org_id created_at"),
    "funds": held(
        O="id slug funder_id name currency restriction starts_on spend_by fees_allowed losses_allowed ceiling is_open "
        "is_emergency policy_slug policy_settings policy_version terms typical over_line created_at"
    ),
    "policies": held(
        O="id slug version title promise source terms state funder_id proposed_at decided_at why",
        A="proposed_by first_by second_by",
    ),
    "trials": held(
        O="id fund_id policy_slug policy_version policy_settings terms standing_terms share seed agreed_on agreed "
        "started_at ended_at",
        A="started_by",
    ),
    "statements": held(F="id fund_id up_to grants data issued_at"),
    "funder_questions": held(O="id funder_id fund_id words query asked_at closed_at answer", A="asked_by"),
    "turned_down": held(
        O="id funder amount currency condition minutes people turned_down_on recorded_at", A="recorded_by"
    ),
    "charity_lines": held(O="id share intrusiveness hourly why set_at", A="set_by"),
    "timings": held(O="id fund_id policy_slug part declared seconds timed_on"),
    # Looking after money and trust
    "draws": held(
        A="id fund_id kind from_on up_to population confidence margin size why seed seed_hash numbers result "
        "announced_at drawn_at drawn_by closed_at"
    ),
    "drawn": held(_GRANT, F="id draw_id grant_id place number outcome at", S="note", A="by"),
    "auditor_passes": held(A="id user_id draw_id given_by from_at until_at ended_at"),
    "look_backs": held(A="id month seed share population drawn_at drawn_by"),
    "looked_back": held(
        "decision_id.application_id.person_id",
        F="id look_back_id decision_id place finding looked_at",
        S="words",
        A="looked_by",
    ),
    "incidents": held(
        _ATTEMPT,
        F="id kind fund_id attempt_id amount currency happened_on recorded_at reported_on closed_at",
        S="words outcome",
        A="recorded_by",
    ),
    "hint_looks": held(L="matter", A="id kind seen why looked_by looked_at"),
    "freezes": held(A="id why since begun_at looked_at left asked_by asked_why lifted_at lifted_by"),
    "trustee_choices": held(A="id name value why minutes chosen_on recorded_by recorded_at"),
    "buckets": held(O="name tokens at"),
    # Who did what
    "tasks": held(
        "subject",
        F="id kind title subject subject_id opened_at closed_at",
        S="words outcome",
        A="assigned_to not_for closed_by",
    ),
    "events": held("subject", A="id at name subject subject_id actor_kind actor_id why data"),
    "untold_events": held(L="event_id tries problem"),
    "users": held(
        A="id name email active role_names funder_id organisation recovery_asked_by recovery_asked_at invited_by "
        "invited_at joined_at left_at",
        L="password fs_uniquifier tf_primary_method tf_totp_secret tf_last_counter mf_recovery_codes",
    ),
    "sign_ins": held(L="id user_id how started_at ended_at"),
    "connections": held(A="id user_id name name_key declared_at"),
    "delegations": held(
        A="id user_id currency per_grant per_day per_person_per_year approved_on recorded_by recorded_at ended_at"
    ),
}
"""Every table, by name."""

OTHERS = frozenset({"whose", "helper_name", "helper_organisation", "helper_contact", "for_whom", "reviewer"})
"""Columns that name somebody else than the person whom the row is about."""

KEYS = ("person_keys", "bank_file_keys")
"""Tables of keys: never in a backup, only in the small file of keys beside it."""
