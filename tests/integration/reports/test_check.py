"""``soquy check`` finds what a superuser who switched the database's own rules off has changed."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, text

from audit import canonical
from ledger import typeid
from ledger.approvals.check import APPROVAL_EVENT_RULES
from ledger.awards.check import AWARD_EVENT_RULES, AWARD_VALUE_RULES
from ledger.books.check import FINDINGS_MAX, RULES, CheckRoleRefused, Finding, check
from ledger.books.check_event import EVENT_RULES
from ledger.books.event_type import LAYOUTS, check_layout
from ledger.books.model import Actor, Book
from ledger.books.posting import post
from ledger.giving.check import VALUE_RULES
from ledger.giving.check_event import GIVING_EVENT_RULES
from ledger.intake.check import INTAKE_EVENT_RULES
from ledger.proposals.check import PROPOSAL_EVENT_RULES
from migrations.migrate import driver_url
from tests.database import DatabaseServer, with_vault
from tests.province import Province, build_province, do_everything_else, received

LEAF_RULES: Final = {
    "leaf_canonical",
    "leaf_layout",
    "leaf_content",
    "entry_actor",
    "sealed_value_opens",
    "sealed_value_kept",
}
PEOPLE_RULES: Final = {"consent_content", "attachment_content", "person_keys", "person_detail_opens"}

TABLES: Final = (
    "account",
    "api_token",
    "association",
    "attachment",
    "attachment_disowning",
    "audit_entry",
    "audit_pending",
    "bank_account",
    "book",
    "block_closing",
    "block_void",
    "book_head",
    "campaign",
    "collection",
    "contribution",
    "donor_correction",
    "earmark",
    "entry",
    "entry_proposal",
    "fund",
    "goods",
    "goods_handover",
    "goods_handover_undoing",
    "intake_posting",
    "intake_reversal",
    "goods_withdrawal",
    "log_head",
    "log_leaf",
    "approval",
    "approval_decision",
    "approval_policy",
    "approval_use",
    "approval_withdrawal",
    "award",
    "award_collection",
    "award_decision",
    "award_list",
    "award_list_withdrawal",
    "award_payment",
    "award_round",
    "award_sitting",
    "program_plan",
    "month_lock",
    "pledge",
    "pledge_cancellation",
    "pledge_correction",
    "posting",
    "program",
    "receipt_block",
    "role_exception",
    "role_exception_ending",
    "role_grant",
    "role_holder",
    "role_revocation",
    "token_revocation",
    "voucher",
    "voucher_void",
)

VAULT_TABLES: Final = ("payee", "consent", "consent_withdrawal", "document", "person_detail")

ONE_CASH_LINE: Final = "line = 2 AND seq = 25 AND book_id = :book_id"
LOCK: Final = "INSERT INTO soquy.month_lock (tenant_id, book_id, locked_through, last_seq, event_id) VALUES"

OF_THE_BOOK: Final = "association_id = (SELECT association_id FROM soquy.book WHERE book_id = :book_id)"
CLOSED: Final = "closed_on = '2024-12-31', closed_event_id = gen_random_uuid()"

APPROVAL_TAMPERING: Final = {
    "approval_decider": """\
        UPDATE soquy.approval AS a SET drafted_by = d.user_id FROM soquy.approval_decision AS d
        WHERE d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id AND a.book_id = :book_id""",
    "approval_used": """\
        INSERT INTO soquy.approval_use (tenant_id, approval_id, book_id)
        SELECT tenant_id, approval_id, book_id FROM soquy.approval_withdrawal WHERE book_id = :book_id""",
    "approval_policy_leaf": "UPDATE soquy.approval_policy SET from_minor = 1 WHERE book_id = :book_id",
    "approval_leaf": "UPDATE soquy.approval SET amount_minor = amount_minor + 1 WHERE book_id = :book_id",
    "approval_granted_leaf": "DELETE FROM soquy.approval_decision WHERE book_id = :book_id AND is_granted",
    "approval_denied_leaf": "UPDATE soquy.approval_decision SET is_granted = true WHERE book_id = :book_id",
    "approval_withdrawal_leaf": "DELETE FROM soquy.approval_withdrawal WHERE book_id = :book_id",
}

PROPOSAL_TAMPERING: Final = {
    "entry_consent": "DELETE FROM soquy.approval_use WHERE book_id = :book_id",
    "entry_as_proposed": """\
        UPDATE soquy.entry_proposal SET lines = jsonb_set(lines, '{0,1}', '"TET"') WHERE book_id = :book_id""",
    "proposal_amount": "UPDATE soquy.entry_proposal SET amount_minor = amount_minor + 1 WHERE book_id = :book_id",
    "proposal_leaf": 'UPDATE soquy.entry_proposal SET rate = \'["USD", "1", "X"]\' WHERE book_id = :book_id',
    "payee_proposal": "UPDATE vault.payee SET proposal_id = gen_random_uuid() WHERE book_id = :book_id",
}

AWARD_TAMPERING: Final = {
    "program_plan_leaf": "UPDATE soquy.program_plan SET budget_minor = budget_minor + 1 WHERE book_id = :book_id",
    "program_plan_versions": "DELETE FROM soquy.program_plan WHERE book_id = :book_id AND version = 1",
    "award_round_leaf": "UPDATE soquy.award_round SET collect_by = collect_by + 1 WHERE book_id = :book_id",
    "award_round_planned": "DELETE FROM soquy.program_plan WHERE book_id = :book_id",
    "award_list_leaf": "UPDATE soquy.award_list SET total_minor = total_minor + 1 WHERE book_id = :book_id",
    "award_list_awards": "DELETE FROM soquy.award WHERE book_id = :book_id AND line = 2",
    "award_list_order": "DELETE FROM soquy.award_list_withdrawal WHERE book_id = :book_id",
    "award_list_asked": "DELETE FROM soquy.award_decision WHERE book_id = :book_id",
    "award_payment_used": "DELETE FROM soquy.approval_use WHERE book_id = :book_id",
    "award_leaf": "UPDATE soquy.award SET line_count = line_count + 1 WHERE book_id = :book_id",
    "award_decision_leaf": "UPDATE soquy.award_decision SET decided_on = decided_on - 1 WHERE book_id = :book_id",
    "award_list_withdrawal_leaf": "DELETE FROM soquy.award_list_withdrawal WHERE book_id = :book_id",
    "award_amount": "UPDATE soquy.award SET amount_minor = amount_minor + 1 WHERE book_id = :book_id",
    "award_beneficiary": "UPDATE vault.beneficiary SET reason = 'Khác' WHERE book_id = :book_id",
    "award_identity": "UPDATE vault.beneficiary SET birth_year = 1999 WHERE book_id = :book_id",
    "award_number": "UPDATE soquy.award_decision SET number = '13' WHERE book_id = :book_id",
    "award_sitting_leaf": "UPDATE soquy.award_sitting SET proxy_count = 1 - proxy_count WHERE book_id = :book_id",
    "award_sitting_awards": "UPDATE soquy.award_collection SET is_proxy = NOT is_proxy WHERE book_id = :book_id",
    "award_sitting_total": "UPDATE soquy.award_sitting SET collected_count = 3 WHERE book_id = :book_id",
    "award_collection_sitting": "DELETE FROM soquy.award_sitting WHERE book_id = :book_id",
    "award_claim_place": "UPDATE vault.award_claim SET period = '1999' WHERE tenant_id = :tenant_id",
    "award_claim_once": "DELETE FROM soquy.award_list_withdrawal WHERE book_id = :book_id",
    "beneficiary_award": "UPDATE vault.beneficiary SET award_id = gen_random_uuid() WHERE book_id = :book_id",
}

GIVING_TAMPERING: Final = {
    "earmark_leaf": "UPDATE soquy.earmark SET fund = 'TET' WHERE book_id = :book_id",
    "contribution_leaf": "UPDATE soquy.contribution SET wish = 'anonymous' WHERE book_id = :book_id AND line = 2",
    "contribution_sum": "UPDATE soquy.contribution SET amount_minor = 1 WHERE book_id = :book_id AND line = 2",
    "contribution_list": "DELETE FROM soquy.collection WHERE book_id = :book_id",
    "contribution_entry": """\
        UPDATE soquy.contribution SET recorded_at = recorded_at + interval '1 s' WHERE book_id = :book_id""",
    "contribution_amount": """\
        UPDATE soquy.contribution SET amount_minor = 50000 - amount_minor WHERE book_id = :book_id AND line_count = 2
            AND block_id IS NULL""",
    "contribution_donor": """\
        UPDATE vault.contributor SET name = 'Trần Thị Khác' WHERE book_id = :book_id AND name LIKE '% Mẫu'""",
    "collection_leaf": "UPDATE soquy.collection SET declared_minor = declared_minor + 1 WHERE book_id = :book_id",
    "collection_lines": "UPDATE soquy.collection SET line_count = line_count + 1 WHERE book_id = :book_id",
    "contributor_gift": "UPDATE vault.contributor SET event_id = gen_random_uuid() WHERE book_id = :book_id",
    "donor_correction_leaf": "DELETE FROM soquy.donor_correction WHERE book_id = :book_id",
    "contribution_paper": """\
        UPDATE soquy.contribution SET paper_number = 999 WHERE book_id = :book_id AND paper_number = 101""",
    "pledge_correction_leaf": "DELETE FROM soquy.pledge_correction WHERE book_id = :book_id",
    "pledge_correction": "UPDATE soquy.pledge_correction SET pledge_id = gen_random_uuid() WHERE book_id = :book_id",
    "contribution_pledge": "UPDATE soquy.contribution SET pledge_id = gen_random_uuid() WHERE book_id = :book_id",
    "block_numbers": "UPDATE soquy.receipt_block SET last_number = 150 WHERE book_id = :book_id AND first_number = 101",
    "pledge_leaf": "UPDATE soquy.pledge SET due_on = due_on + 1 WHERE book_id = :book_id",
    "pledge_cancellation_leaf": "DELETE FROM soquy.pledge_cancellation",
    "pledge_amount": "UPDATE soquy.pledge SET amount_minor = amount_minor + 1 WHERE book_id = :book_id",
    "pledge_donor": """\
        UPDATE vault.contributor SET detail = 'Khác' WHERE book_id = :book_id AND name LIKE 'Công ty%'""",
    "receipt_block_leaf": "UPDATE soquy.receipt_block SET issued_on = issued_on - 1 WHERE book_id = :book_id",
    "block_void_leaf": "DELETE FROM soquy.block_void",
    "block_closing_leaf": "UPDATE soquy.block_closing SET missing_count = missing_count - 1",
    "goods_leaf": "UPDATE soquy.goods SET unit = 'bag' WHERE book_id = :book_id",
    "goods_withdrawal_leaf": "DELETE FROM soquy.goods_withdrawal",
    "goods_handover_leaf": "UPDATE soquy.goods_handover SET program = 'TET' WHERE book_id = :book_id",
    "goods_handover_undoing_leaf": "DELETE FROM soquy.goods_handover_undoing",
    "goods_quantity": "UPDATE soquy.goods SET quantity = 1 WHERE book_id = :book_id",
    "goods_value": """\
        UPDATE soquy.posting AS p SET value_minor = p.value_minor * 9, amount_minor = p.amount_minor * 9
        FROM soquy.goods_handover AS h WHERE h.book_id = :book_id AND p.book_id = h.book_id AND p.seq = h.seq""",
    "draft_gifts": "UPDATE vault.draft SET seq = 1 WHERE book_id = :book_id AND state = 'posted'",
}

INTAKE_TAMPERING: Final = {
    "intake_posting_leaf": """\
        UPDATE soquy.intake_posting SET row_count = row_count + 1, rows = rows || 99 WHERE book_id = :book_id""",
    "intake_posting_list": "UPDATE soquy.intake_posting SET total_minor = total_minor + 1 WHERE book_id = :book_id",
    "intake_reversal_leaf": "UPDATE soquy.intake_reversal SET seq = seq - 1 WHERE book_id = :book_id",
    "intake_reversal_entry": "UPDATE soquy.intake_reversal SET seq = seq - 1 WHERE book_id = :book_id",
}
"""Rule of files → SQL that breaks it."""

TAMPERING: Final = {
    **APPROVAL_TAMPERING,
    **PROPOSAL_TAMPERING,
    **AWARD_TAMPERING,
    **GIVING_TAMPERING,
    **INTAKE_TAMPERING,
    "day_total": """\
        UPDATE soquy.day_total SET debit_to_date_minor = debit_to_date_minor + 1
        WHERE book_id = :book_id AND account = '1111'""",
    "balance_key": "DELETE FROM soquy.balance_key WHERE book_id = :book_id AND account = '1111'",
    "month_total": """\
        UPDATE soquy.month_total SET quantity = quantity + 1 WHERE book_id = :book_id AND program = 'TRUONG'""",
    "overdraft": f"""\
        UPDATE soquy.posting SET value_minor = -900000000000, amount_minor = -900000000000 WHERE {ONE_CASH_LINE}""",
    "head_last_seq": "UPDATE soquy.book_head SET last_seq = last_seq + 1 WHERE book_id = :book_id",
    "voucher_numbers": "DELETE FROM soquy.voucher WHERE book_id = :book_id AND voucher_kind = 'PC' AND number = 3",
    "month_lock_head": "UPDATE soquy.book_head SET locked_through = '2022-12-31' WHERE book_id = :book_id",
    "month_lock_leaf": f"{LOCK} (:tenant_id, :book_id, '2022-11-30', 0, gen_random_uuid())",
    "account_parent": "UPDATE soquy.account SET is_parent = true WHERE book_id = :book_id AND account = '1111'",
    "fund_account": "UPDATE soquy.fund SET balance_account = '35382' WHERE book_id = :book_id AND fund = 'QC'",
    "guards_on": "ALTER TABLE soquy.posting DISABLE TRIGGER posting_append_only",
    "lines_complete": f"DELETE FROM soquy.posting WHERE {ONE_CASH_LINE}",
    "entry_balance": f"""\
        UPDATE soquy.posting SET value_minor = value_minor - 1, amount_minor = amount_minor - 1
        WHERE {ONE_CASH_LINE}""",
    "entry_day": "UPDATE soquy.entry SET entry_on = '2022-12-31' WHERE book_id = :book_id AND seq = 25",
    "entry_locked": f"{LOCK} (:tenant_id, :book_id, '2023-01-31', 0, gen_random_uuid())",
    "posting_account": f"UPDATE soquy.posting SET account = '111' WHERE {ONE_CASH_LINE}",
    "posting_dimension": """\
        UPDATE soquy.posting SET channel = 'moon' WHERE book_id = :book_id AND channel IS NOT NULL""",
    "posting_rate": "UPDATE soquy.entry SET rate = rate + 1 WHERE book_id = :book_id AND rate IS NOT NULL",
    "entry_voucher": """\
        INSERT INTO soquy.voucher_void (tenant_id, book_id, voucher_kind, fiscal_year, number, event_id)
        VALUES (:tenant_id, :book_id, 'PT', 2023, 1, gen_random_uuid())""",
    "voucher_void_leaf": """\
        INSERT INTO soquy.voucher_void (tenant_id, book_id, voucher_kind, fiscal_year, number, event_id)
        VALUES (:tenant_id, :book_id, 'PT', 2023, 2, gen_random_uuid())""",
    "correction": """\
        UPDATE soquy.entry AS e SET corrects_seq = e.seq - 1
        WHERE book_id = :book_id AND kind = 'reversal'""",
    "reversed_once": """\
        DROP INDEX soquy.entry_reversal_unique;
        UPDATE soquy.entry SET corrects_seq = 3 WHERE book_id = :book_id AND kind = 'reversal'""",
    "reversal_mirror": """\
        UPDATE soquy.posting AS p SET campaign = 'OTHER' FROM soquy.entry AS e
        WHERE e.book_id = :book_id AND e.kind = 'reversal' AND p.book_id = e.book_id AND p.seq = e.seq
            AND p.line = 1""",
    "entry_leaf": "DELETE FROM soquy.audit_entry WHERE book_id = :book_id AND book_seq = 25",
    "pending_leaf": "INSERT INTO soquy.audit_pending (tenant_id, event_id) VALUES (:tenant_id, gen_random_uuid())",
    "leaf_pending": """\
        DELETE FROM soquy.audit_pending USING soquy.audit_entry AS a
        WHERE a.event_id = audit_pending.event_id AND a.book_id = :book_id""",
    "entry_actor": "UPDATE soquy.entry SET actor_id = gen_random_uuid() WHERE book_id = :book_id AND seq = 25",
    "sealed_leaf": """\
        INSERT INTO vault.sealed_value (tenant_id, event_id, field, value, sealed, key_id, retention, fiscal_year)
        SELECT tenant_id, gen_random_uuid(), field, value, sealed, key_id, retention, fiscal_year
        FROM vault.sealed_value WHERE tenant_id = :tenant_id LIMIT 1""",
    "leaf_canonical": "UPDATE soquy.audit_entry SET leaf = leaf || ' ' WHERE book_id = :book_id AND book_seq = 25",
    "leaf_content": """\
        UPDATE soquy.posting SET quantity = quantity + 1
        WHERE book_id = :book_id AND quantity IS NOT NULL AND seq = 25""",
    "log_leaf": "UPDATE soquy.log_leaf SET leaf_hash = sha256('x') WHERE book_id = :book_id AND book_seq = 5",
    "log_numbers": "UPDATE soquy.log_head SET size = size + 1",
    "log_order": "UPDATE soquy.log_leaf SET book_seq = 11 - book_seq WHERE book_id = :book_id AND book_seq IN (5, 6)",
    "voucher_entry": """\
        UPDATE soquy.voucher SET issued_on = issued_on - 1
        WHERE book_id = :book_id AND voucher_kind = 'PT' AND issued_on > '2023-01-01'""",
    "account_chart": "UPDATE soquy.account SET side = 'C' WHERE book_id = :book_id AND account = '1111'",
    "association_leaf": f"UPDATE soquy.association SET level = 'chapter' WHERE {OF_THE_BOOK}",
    "association_closed_leaf": f"UPDATE soquy.association SET {CLOSED} WHERE {OF_THE_BOOK}",
    "account_leaf": "UPDATE soquy.account SET parent = '112' WHERE book_id = :book_id AND account = '1121B'",
    "account_closed_leaf": f"UPDATE soquy.account SET {CLOSED} WHERE book_id = :book_id AND account = '1121B'",
    "bank_account_leaf": "UPDATE soquy.bank_account SET number = '666' WHERE book_id = :book_id AND version = 2",
    "fund_leaf": "UPDATE soquy.fund SET opened_on = opened_on - 1 WHERE book_id = :book_id AND fund = 'QC'",
    "fund_closed_leaf": f"UPDATE soquy.fund SET {CLOSED} WHERE book_id = :book_id AND fund = 'QC'",
    "campaign_leaf": "UPDATE soquy.campaign SET opened_on = opened_on - 1",
    "program_leaf": "UPDATE soquy.program SET unit = 'piece' WHERE program = 'TET'",
    "voucher_leaf": """\
        UPDATE soquy.voucher SET event_id = gen_random_uuid()
        WHERE book_id = :book_id AND voucher_kind = 'PC' AND number = 2""",
    "api_token_leaf": "UPDATE soquy.api_token SET rights = rights || ARRAY['found']",
    "token_revocation_leaf": "DELETE FROM soquy.token_revocation",
    "role_grant_leaf": f"UPDATE soquy.role_grant SET role = 'inspector' WHERE {OF_THE_BOOK} AND role = 'collector'",
    "role_revocation_leaf": f"""\
        DELETE FROM soquy.role_revocation
        WHERE grant_id IN (SELECT grant_id FROM soquy.role_grant WHERE {OF_THE_BOOK})""",
    "role_exception_leaf": f"UPDATE soquy.role_exception SET until_on = until_on + 1 WHERE {OF_THE_BOOK}",
    "role_exception_ending_leaf": "DELETE FROM soquy.role_exception_ending",
    "role_holder": f"UPDATE soquy.role_holder SET roles = roles || ARRAY['administrator'] WHERE {OF_THE_BOOK}",
    "consent_leaf": "DELETE FROM vault.consent WHERE book_id = :book_id AND purpose = 'publish_name'",
    "consent_withdrawal_leaf": "DELETE FROM vault.consent_withdrawal WHERE book_id = :book_id",
    "attachment_leaf": "UPDATE soquy.attachment SET target_id = gen_random_uuid() WHERE book_id = :book_id",
    "attachment_disowning_leaf": "DELETE FROM soquy.attachment_disowning WHERE book_id = :book_id",
    "consent_content": "UPDATE vault.consent SET by_subject = NOT by_subject, guardian_id = person_id"
    " WHERE book_id = :book_id",
    "attachment_content": "UPDATE vault.document SET sha256 = sha256(sha256) WHERE book_id = :book_id",
    "person_keys": "UPDATE vault.person SET sort_key = 'x' WHERE book_id = :book_id",
    "person_detail_opens": "UPDATE vault.person_detail SET field = 'email' WHERE field = 'phone'",
    "leaf_layout": """\
        UPDATE soquy.audit_entry
        SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"VND"', '"dong"'), 'UTF8')
        WHERE book_id = :book_id AND type = 'account.opened'""",
    "sealed_value_opens": """\
        UPDATE vault.sealed_value SET value = 'Thu quỹ khuyến học!'
        WHERE tenant_id = :tenant_id AND field = 'description'""",
    "sealed_value_kept": """\
        DELETE FROM vault.sealed_value AS s USING soquy.entry AS e
        WHERE e.book_id = :book_id AND e.seq = 25 AND s.event_id = e.entry_id""",
}

ELSEWHERE: Final = {
    "guards_on",
    "pending_leaf",
    "sealed_leaf",
    "sealed_value_opens",
    "log_numbers",
    "campaign_leaf",
    "program_leaf",
    "api_token_leaf",
    "token_revocation_leaf",
}
"""Rules on what belongs to no book, or whose tampering touches more than one."""

QUIET_EDITS: Final = [
    ("association_leaf", f"UPDATE soquy.association SET unit_code = '01' WHERE {OF_THE_BOOK}"),
    ("association_leaf", f"UPDATE soquy.association SET parent_id = gen_random_uuid() WHERE {OF_THE_BOOK}"),
    ("association_leaf", f"UPDATE soquy.association SET founded_on = founded_on - 1 WHERE {OF_THE_BOOK}"),
    ("association_leaf", f"UPDATE soquy.association SET is_sample = NOT is_sample WHERE {OF_THE_BOOK}"),
    ("association_leaf", "UPDATE soquy.book SET opened_on = opened_on - 1 WHERE book_id = :book_id"),
    ("association_leaf", "UPDATE soquy.book SET event_id = gen_random_uuid() WHERE book_id = :book_id"),
    ("association_closed_leaf", "UPDATE soquy.association SET closed_on = closed_on + 1"),
    ("association_closed_leaf", "UPDATE soquy.association SET closed_on = NULL, closed_event_id = NULL"),
    ("account_chart", "UPDATE soquy.account SET parent = '11' WHERE book_id = :book_id AND account = '111'"),
    (
        "account_chart",
        "UPDATE soquy.account SET opened_on = opened_on + 1 WHERE book_id = :book_id AND account = '111'",
    ),
    ("account_chart", "UPDATE soquy.account SET role = 'cash' WHERE book_id = :book_id AND account = '1121B'"),
    ("account_chart", "DELETE FROM soquy.account WHERE book_id = :book_id AND account = '1111'"),
    ("account_leaf", "UPDATE soquy.account SET account = '1121X' WHERE book_id = :book_id AND account = '1121B'"),
    ("account_leaf", "UPDATE soquy.account SET currency = 'USD' WHERE book_id = :book_id AND account = '1121B'"),
    ("account_leaf", "UPDATE soquy.account SET event_id = gen_random_uuid() WHERE account = '1111'"),
    ("account_leaf", "DELETE FROM soquy.account WHERE book_id = :book_id AND account = '1121B'"),
    ("account_closed_leaf", "UPDATE soquy.account SET closed_on = closed_on - 1"),
    ("fund_leaf", "UPDATE soquy.fund SET fund = 'QX' WHERE book_id = :book_id AND fund = 'QC'"),
    ("fund_leaf", "UPDATE soquy.fund SET kind = 'equipment' WHERE book_id = :book_id AND fund = 'TET'"),
    ("fund_leaf", "DELETE FROM soquy.audit_entry WHERE book_id = :book_id AND type = 'fund.opened'"),
    (
        "fund_leaf",
        """\
        UPDATE soquy.fund SET event_id = (SELECT event_id FROM soquy.fund WHERE book_id = :book_id AND fund = 'QC')
        WHERE book_id = :book_id AND fund = 'TET'""",
    ),
    ("fund_closed_leaf", "UPDATE soquy.fund SET closed_on = closed_on + 1"),
    ("bank_account_leaf", "UPDATE soquy.bank_account SET bank_bin = '970405' WHERE version = 1"),
    ("bank_account_leaf", "DELETE FROM soquy.bank_account WHERE book_id = :book_id AND version = 2"),
    ("bank_account_leaf", "UPDATE soquy.bank_account SET account = '1121B' WHERE book_id = :book_id"),
    ("campaign_leaf", "UPDATE soquy.campaign SET closed_on = '2999-01-01'"),
    ("campaign_leaf", "UPDATE soquy.campaign SET campaign = 'KHAC'"),
    ("program_leaf", "UPDATE soquy.program SET opened_on = opened_on - 1"),
    ("voucher_leaf", "UPDATE soquy.voucher SET issued_on = '2024-02-28' WHERE issued_on = '2024-02-29'"),
    ("voucher_leaf", "UPDATE soquy.voucher SET number = 99 WHERE issued_on = '2024-02-29' AND number = 1"),
    ("voucher_void_leaf", "DELETE FROM soquy.voucher_void"),
    ("voucher_void_leaf", "UPDATE soquy.voucher_void SET number = number - 1"),
    ("month_lock_leaf", "UPDATE soquy.month_lock SET locked_through = '2023-08-31'"),
    ("month_lock_leaf", "UPDATE soquy.month_lock SET last_seq = last_seq + 1"),
    ("month_lock_leaf", "DELETE FROM soquy.month_lock"),
    ("api_token_leaf", "UPDATE soquy.api_token SET expires_at = expires_at + interval '1 day'"),
    ("api_token_leaf", "UPDATE soquy.api_token SET reaches_below = NOT reaches_below"),
    ("api_token_leaf", "UPDATE soquy.api_token SET association_ids = '{}'"),
    ("token_revocation_leaf", "UPDATE soquy.token_revocation SET token_id = gen_random_uuid()"),
    ("role_grant_leaf", "UPDATE soquy.role_grant SET association_id = gen_random_uuid()"),
    ("role_revocation_leaf", "UPDATE soquy.role_revocation SET event_id = gen_random_uuid()"),
    ("role_exception_leaf", "UPDATE soquy.role_exception SET first_role = 'account_holder'"),
    ("role_exception_leaf", "UPDATE soquy.role_exception SET association_id = gen_random_uuid()"),
    ("role_exception_ending_leaf", "UPDATE soquy.role_exception_ending SET exception_id = gen_random_uuid()"),
    ("role_holder", "UPDATE soquy.role_grant SET user_id = gen_random_uuid()"),
    ("role_holder", "DELETE FROM soquy.role_holder"),
    ("consent_content", "UPDATE vault.consent SET purpose = 'contact' WHERE purpose = 'publish_name'"),
    ("consent_content", "UPDATE vault.consent SET given_on = given_on - 1"),
    ("consent_content", "UPDATE vault.consent_withdrawal SET withdrawn_on = withdrawn_on - 1"),
    ("consent_content", "UPDATE vault.consent_withdrawal SET consent_id = gen_random_uuid()"),
    ("consent_leaf", "UPDATE vault.consent SET event_id = gen_random_uuid()"),
    ("attachment_leaf", "DELETE FROM soquy.attachment"),
    ("attachment_content", "UPDATE soquy.attachment SET kind = 'photo'"),
    ("attachment_disowning_leaf", "UPDATE soquy.attachment_disowning SET attachment_id = gen_random_uuid()"),
    ("intake_posting_leaf", "UPDATE soquy.intake_posting SET event_id = gen_random_uuid()"),
    ("intake_posting_list", "UPDATE soquy.collection SET file_id = gen_random_uuid() WHERE file_id IS NOT NULL"),
    ("intake_reversal_leaf", "DELETE FROM soquy.intake_reversal"),
    ("person_keys", "UPDATE vault.person SET name = 'Nguyễn Văn Khác' WHERE name = 'Nguyễn Văn Mẫu'"),
    ("person_detail_opens", "UPDATE vault.person_detail SET sealed = sealed || '\\x00'"),
    ("guards_on", "ALTER TABLE soquy.attachment DISABLE TRIGGER attachment_leaf"),
    ("leaf_pending", "INSERT INTO soquy.audit_pending SELECT tenant_id, event_id FROM soquy.log_leaf"),
    ("log_leaf", "UPDATE soquy.audit_entry SET leaf = leaf || ' ' WHERE book_id = :book_id AND book_seq = 5"),
    ("log_leaf", "UPDATE soquy.log_leaf SET book_seq = NULL WHERE book_id = :book_id AND book_seq = 5"),
    ("log_numbers", "DELETE FROM soquy.log_leaf WHERE book_id = :book_id AND book_seq = 5"),
    ("log_numbers", "DELETE FROM soquy.log_leaf WHERE leaf_index = 0"),
    ("log_order", "DELETE FROM soquy.log_leaf WHERE book_id = :book_id AND book_seq = 1"),
    ("guards_on", "ALTER TABLE soquy.fund DISABLE TRIGGER fund_leaf"),
    ("guards_on", "ALTER TABLE soquy.log_leaf ENABLE TRIGGER log_leaf_append_only"),
]
"""One row changed in one place: what the public log says of it is something else."""


@pytest.fixture(scope="module")
def superuser(shared_database: str, database_server: DatabaseServer) -> Iterator[Connection]:
    """A superuser in a transaction that is rolled back."""
    url = driver_url(database_server.url(shared_database))
    engine = with_vault(sa.create_engine(url, isolation_level="REPEATABLE READ"))
    with engine.connect() as opened:
        transaction = opened.begin()
        try:
            yield opened
        finally:
            transaction.rollback()
    engine.dispose()


@pytest.fixture(scope="module")
def audited(superuser: Connection) -> Province:
    """Four books of one year, numbered in a log; then one of every other event, which waits for its number."""
    province = build_province(superuser)
    superuser.execute(text("SELECT soquy.begin_log('example.org/log'), soquy.number_leaves(100000)"))
    do_everything_else(superuser, province)
    return province


def tamper(superuser: Connection, book: Book, rule: str, statements: str | None = None) -> list[Finding]:
    """Change the books with every trigger switched off, see what the rule finds, and put all back."""
    savepoint = superuser.begin_nested()
    try:
        for table in TABLES if rule != "guards_on" else ():
            superuser.execute(text(f"ALTER TABLE soquy.{table} DISABLE TRIGGER ALL"))
        for table in VAULT_TABLES if rule != "guards_on" else ():
            superuser.execute(text(f"ALTER TABLE vault.{table} DISABLE TRIGGER ALL"))
        for statement in (statements or TAMPERING[rule]).split(";"):
            superuser.execute(text(statement), {"tenant_id": book.tenant_id, "book_id": book.book_id})
        return [finding for finding in check(superuser) if finding.rule == rule]
    finally:
        savepoint.rollback()


def test_sound_books_have_no_finding(superuser: Connection, audited: Province) -> None:
    assert list(check(superuser)) == []


def test_what_somebody_posted_who_signed_in_is_as_sound_as_what_a_token_did(
    superuser: Connection, audited: Province
) -> None:
    savepoint = superuser.begin_nested()
    someone = Actor(principal_id=typeid.new_id(), role="chief_accountant", prefix=typeid.USER)
    post(superuser, audited.commune, [received(date(2024, 1, 20), 300_000, "business")], actor=someone)
    assert list(check(superuser)) == []
    savepoint.rollback()


def test_every_rule_has_a_tampering_that_it_must_find() -> None:
    given = GIVING_EVENT_RULES.keys() | INTAKE_EVENT_RULES.keys() | APPROVAL_EVENT_RULES.keys() | VALUE_RULES
    given |= PROPOSAL_EVENT_RULES.keys()
    given |= AWARD_EVENT_RULES.keys() | AWARD_VALUE_RULES
    assert TAMPERING.keys() == RULES.keys() | EVENT_RULES.keys() | given | LEAF_RULES | PEOPLE_RULES


@pytest.mark.parametrize("rule", TAMPERING)
def test_what_was_changed_is_named(superuser: Connection, audited: Province, rule: str) -> None:
    book = audited.commune
    found = tamper(superuser, book, rule)
    assert found
    assert len(found) <= FINDINGS_MAX
    if rule not in ELSEWHERE:
        association = typeid.encode(typeid.ASSOCIATION, book.association_id)
        assert {(each.book_id, each.association) for each in found} == {(book.book_id, association)}


@pytest.mark.parametrize(("rule", "statement"), QUIET_EDITS)
def test_a_quiet_edit_is_found_because_the_leaf_says_otherwise(
    superuser: Connection, audited: Province, rule: str, statement: str
) -> None:
    assert tamper(superuser, audited.commune, rule, statement)


def test_each_command_writes_a_leaf_as_its_type_declares(superuser: Connection, audited: Province) -> None:
    written = superuser.execute(text("SELECT leaf FROM soquy.audit_entry")).scalars()
    leaves = [canonical.decode(leaf) for leaf in written]
    for leaf in leaves:
        check_layout(leaf)
    of_the_log = {
        "log.key_added",
        "log.key_retired",
        "log.recovered",
        "log.succeeded",
        "person.erased",
        "value.erased",
    }  # their own tests write them
    assert {leaf.type for leaf in leaves} == LAYOUTS[canonical.LEAF_VERSION].keys() - of_the_log


def test_a_finding_says_what_is_and_what_should_be(superuser: Connection, audited: Province) -> None:
    (found,) = tamper(superuser, audited.commune, "month_total")
    assert found.fields["quantity_kept"] == found.fields["quantity_due"] + 1
    assert found.fields["program"] == "TRUONG"


def test_a_role_that_sees_only_one_tenant_may_not_check(connection: Connection) -> None:
    with pytest.raises(CheckRoleRefused):
        next(check(connection))


def test_a_heads_posted_seq_is_checked(superuser: Connection, audited: Province) -> None:
    """A head that thinks postings are missing would refuse every entry to come."""
    savepoint = superuser.begin_nested()
    superuser.execute(text("UPDATE soquy.book_head SET posted_seq = posted_seq - 1 WHERE last_seq > 1"))
    assert "head_last_seq" in {finding.rule for finding in check(superuser)}
    savepoint.rollback()
