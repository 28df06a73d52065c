//! What can be asked of an open transaction: every query, dispatched to the database at hand.

use super::rows::*;
use super::turn::{Lanes, Turn};
use super::{StoreError, postgres, sqlite};
use std::ops::{Deref, DerefMut};

/// Reads only.
pub struct ReadTx<'a> {
    connection: Backend<'a>,
    standing: Standing,
}

/// What the statements so far have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Sound,
    /// One failed. PostgreSQL would answer a commit with a rollback and call that a success.
    Failed,
    /// One failed, and the database asks for the whole transaction to be run again.
    RetryAsked,
}

/// Reads and writes; the only writer while it lives, or the only one of its lanes.
pub struct WriteTx<'a> {
    reads: ReadTx<'a>,
    turn: Turn,
}

enum Backend<'a> {
    Sqlite(&'a mut sqlite::C),
    Postgres(&'a mut postgres::C),
}

/// A transaction's end that was not a commit.
pub(super) enum TxError<E> {
    Database(diesel::result::Error),
    Work(E),
}

impl<E> From<diesel::result::Error> for TxError<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl<E: From<StoreError>> TxError<E> {
    pub(super) fn flatten(self) -> E {
        match self {
            Self::Database(error) => E::from(StoreError::Statement(error)),
            Self::Work(error) => error,
        }
    }
}

impl<'a> ReadTx<'a> {
    const fn reads(&mut self) -> &mut Self {
        self
    }
    /// What fails after the first failure is a consequence of it.
    fn failed(&mut self, error: &diesel::result::Error) {
        if self.standing == Standing::Sound {
            let asked = postgres::asks_for_retry(error);
            self.standing = if asked {
                Standing::RetryAsked
            } else {
                Standing::Failed
            };
        }
    }
    pub(super) fn sqlite(c: &'a mut sqlite::C) -> Self {
        Self {
            connection: Backend::Sqlite(c),
            standing: Standing::Sound,
        }
    }
    pub(super) fn postgres(c: &'a mut postgres::C) -> Self {
        Self {
            connection: Backend::Postgres(c),
            standing: Standing::Sound,
        }
    }
}

impl<'a> WriteTx<'a> {
    const fn reads(&mut self) -> &mut ReadTx<'a> {
        &mut self.reads
    }
    pub(super) const fn standing(&self) -> Standing {
        self.reads.standing
    }
    /// Before a commit: an error that nobody minded must not pass for success, on either database.
    pub(super) const fn require_sound(&self) -> Result<(), diesel::result::Error> {
        match self.reads.standing {
            Standing::Sound => Ok(()),
            Standing::Failed | Standing::RetryAsked => {
                Err(diesel::result::Error::RollbackTransaction)
            }
        }
    }

    pub(super) fn sqlite(c: &'a mut sqlite::C) -> Self {
        Self {
            reads: ReadTx::sqlite(c),
            turn: Turn::Alone,
        }
    }
    pub(super) fn postgres(c: &'a mut postgres::C, turn: Turn) -> Self {
        Self {
            reads: ReadTx::postgres(c),
            turn,
        }
    }

    /// Whom it keeps out: what may be read and written in it.
    #[must_use]
    pub const fn turn(&self) -> Turn {
        self.turn
    }
}

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;
    fn deref(&self) -> &ReadTx<'a> {
        &self.reads
    }
}

impl<'a> DerefMut for WriteTx<'a> {
    fn deref_mut(&mut self) -> &mut ReadTx<'a> {
        &mut self.reads
    }
}

/// Writes one method for each query, which calls the query compiled for the database at hand.
macro_rules! queries {
    ($tx:ident: $($module:ident :: $name:ident ( $($arg:ident : $ty:ty),* ) -> $ret:ty;)*) => {
        impl $tx<'_> {$(
            #[doc = concat!("See `queries/", stringify!($module), ".rs`.")]
            pub fn $name(&mut self, $($arg: $ty),*) -> Result<$ret, StoreError> {
                match &mut self.reads().connection {
                    Backend::Sqlite(c) => sqlite::queries::$module::$name(c, $($arg),*),
                    Backend::Postgres(c) => postgres::queries::$module::$name(c, $($arg),*),
                }
                .map_err(|error| {
                    self.reads().failed(&error);
                    StoreError::Statement(error)
                })
            }
        )*}
    };
}

queries! { ReadTx:
    queue::events_waiting(now: i64, after: Option<(i64, &str)>, limit: i64) -> Vec<Due>;
    queue::more_wait_than(now: i64, from: i64, count: i64) -> bool;
    inbox::events_by_ids(ids: &[String]) -> Vec<Event>;
    bundles::bundles_needed(before: i64) -> Vec<String>;
    bundles::bundles_between(after: &str, before: &str, limit: i64) -> Vec<String>;
    bundles::events_without_bytes(ids: &[String]) -> Vec<String>;
    bundles::first_applied_without_bytes() -> Option<String>;
    inbox::event_ids(state: Option<&str>, after: &str, limit: i64) -> Vec<String>;
    inbox::find_event(id: &str) -> Option<EventSummary>;
    inbox::list_events(state: Option<&str>, connection: Option<&str>, kind: Option<&str>, before: Option<&str>, limit: i64) -> Stretch<EventSummary, String>;
    inbox::count_events(state: &str) -> i64;
    answers::answers_after(after: &str, limit: i64) -> Vec<StoredAnswer>;
    billing::customers_by_provider_ids(connection: &str, ids: &[String]) -> Vec<Customer>;
    billing::customers_by_ids(ids: &[String]) -> Vec<Customer>;
    billing::subscriptions_by_provider_ids(connection: &str, ids: &[String]) -> Vec<Subscription>;
    billing::subscriptions_by_ids(ids: &[String]) -> Vec<Subscription>;
    billing::invoices_by_provider_ids(connection: &str, ids: &[String]) -> Vec<Invoice>;
    billing::invoice_subscriptions_by_invoices(connection: &str, ids: &[String]) -> Vec<InvoiceSubscription>;
    billing::invoice_subscriptions_by_subscriptions(connection: &str, ids: &[String]) -> Vec<InvoiceSubscription>;
    billing::invoice_payments_by_payments(connection: &str, payments: &[String]) -> Vec<InvoicePayment>;
    billing::invoice_payments_by_invoices(connection: &str, ids: &[String]) -> Vec<InvoicePayment>;
    billing::charges_by_provider_ids(connection: &str, ids: &[String]) -> Vec<Charge>;
    billing::charges_by_payments(connection: &str, payments: &[String]) -> Vec<Charge>;
    billing::charges_by_invoices(connection: &str, ids: &[String]) -> Vec<Charge>;
    billing::charges_by_ids(ids: &[String]) -> Vec<Charge>;
    billing::charges_to_link(now: i64, limit: i64) -> Vec<Charge>;
    billing::refunds_by_provider_ids(connection: &str, ids: &[String]) -> Vec<Refund>;
    billing::refunds_by_ids(ids: &[String]) -> Vec<Refund>;
    billing::refunds_by_charges(charge_ids: &[String]) -> Vec<Refund>;
    billing::deliveries_by_charges(charge_ids: &[String]) -> Vec<Delivery>;
    disputes::disputes_by_charges(charge_ids: &[String]) -> Vec<Dispute>;
    disputes::disputes_by_provider_ids(connection: &str, ids: &[String]) -> Vec<Dispute>;
    disputes::movements_of_disputes(dispute_ids: &[String]) -> Vec<DisputeMovement>;
    disputes::payouts_by_provider_ids(connection: &str, ids: &[String]) -> Vec<Payout>;
    disputes::payouts_after(from: Option<i64>, to: Option<i64>, after: (&str, &str), limit: i64) -> Vec<Payout>;
    disputes::payouts_to_itemise(now: i64, limit: i64) -> Vec<Payout>;
    disputes::find_dispute(id: &str) -> Option<Dispute>;
    disputes::list_disputes(status: Option<&str>, charge_id: Option<&str>, before: Option<&str>, limit: i64) -> Vec<Dispute>;
    refunds::refunds_due(now: i64, limit: i64) -> Vec<String>;
    refunds::refunds_of_cancellations(cancellation_ids: &[String]) -> Vec<Refund>;
    refunds::refund_by_request(request_ref: &str) -> Option<Refund>;
    refunds::find_refund(id: &str) -> Option<Refund>;
    refunds::refunds_of_others(connection: &str, subscriptions: &[String]) -> Vec<Refund>;
    refunds::list_refunds(state: Option<&str>, from: Option<i64>, to: Option<i64>, conform: Option<bool>, before: Option<&str>, limit: i64) -> Stretch<Refund, String>;
    cancellations::cancellation_by_id(id: &str) -> Option<Cancellation>;
    cancellations::standing_cancellation(subscription_id: &str) -> Option<Cancellation>;
    cancellations::standing_cancellations(subscription_ids: &[String]) -> Vec<Cancellation>;
    cancellations::cancellations_of_subscriptions(subscription_ids: &[String]) -> Vec<Cancellation>;
    cancellations::cancellations_due(now: i64, limit: i64) -> Vec<String>;
    cancellations::list_cancellations(state: Option<&str>, before: Option<&str>, limit: i64) -> Vec<Cancellation>;
    cancellations::verdicts_of(cancellation_ids: &[String]) -> Vec<Verdict>;
    cancellations::receipts_of(cancellation_ids: &[String]) -> Vec<Receipt>;
    cancellations::mails_due(now: i64, limit: i64) -> Vec<Mail>;
    ledger::effects_of(connection: &str, objects: &[String]) -> Vec<Effect>;
    ledger::effects_after(after: (&str, &str, &str), limit: i64) -> Vec<Effect>;
    ledger::effects_by_journals(ids: &[String]) -> Vec<EffectOf>;
    ledger::effects_between(first: &str, last: &str, limit: i64) -> Vec<EffectOf>;
    ledger::postings_between(first: &str, last: &str, limit: i64) -> Vec<Posting>;
    ledger::journals_by_ids(ids: &[String]) -> Vec<Journal>;
    ledger::journals_after(position: i64, limit: i64) -> Vec<Journal>;
    ledger::positions_between(from: Option<&str>, to: Option<&str>) -> Option<(i64, i64)>;
    ledger::list_journals(reference: Option<&str>, from: Option<&str>, to: Option<&str>, before: Option<i64>, limit: i64) -> Stretch<Journal, i64>;
    journals::journals_about(references: &[String], from: Option<&str>, to: Option<&str>, before: Option<i64>, limit: i64) -> Vec<Journal>;
    ledger::postings_of(journal_ids: &[String]) -> Vec<Posting>;
    ledger::chain_head() -> ChainHead;
    ledger::seals_after(seq: i64, limit: i64) -> Vec<Seal>;
    ledger::last_position() -> i64;
    ledger::daily_balances() -> Vec<DailyBalance>;
    vouchers::journals_by_day(days: (Option<&str>, Option<&str>), last_position: i64, after: (&str, i64), limit: i64) -> Vec<Journal>;
    vouchers::journals_of_references(connection: &str, references: &[String]) -> Vec<Journal>;
    vouchers::journal_at(position: i64) -> Option<Journal>;
    vouchers::voucher_batches() -> Vec<VoucherBatch>;
    vouchers::last_voucher_batch() -> i64;
    vouchers::translated_balances_before(batch: i64) -> Vec<TranslatedBalance>;
    audit::chain_head_if_any() -> Option<ChainHead>;
    audit::rows_booked() -> (i64, i64);
    audit::orphan_postings(after: &str, limit: i64) -> Vec<String>;
    audit::orphan_effects(after: &str, limit: i64) -> Vec<Effect>;
    audit::cancellations_by_ids(ids: &[String]) -> Vec<Cancellation>;
    projections::next_connection(of: Projected, after: &str) -> Option<String>;
    projections::keys_after(of: Projected, connection: &str, after: &str, limit: i64) -> Vec<String>;
    projections::events_applied(after: &str, limit: i64) -> Vec<EventSummary>;
    projections::our_refunds_after(after: &str, limit: i64) -> Vec<Refund>;
    projections::our_cancellations_after(after: &str, limit: i64) -> Vec<Cancellation>;
    projections::deliveries_after(after: &str, limit: i64) -> Vec<Delivery>;
    projections::disputes_by_ids(ids: &[String]) -> Vec<Dispute>;
    projections::movements_by_provider_ids(connection: &str, ids: &[String]) -> Vec<DisputeMovement>;
    projections::journals_of(connection: &str, references: &[String]) -> Vec<Journal>;
    access::api_key(id: &str) -> Option<ApiKey>;
    access::list_api_keys() -> Vec<ApiKey>;
    access::idempotent_request(api_key: &str, key: &str) -> Option<IdempotentRequest>;
    access::account_session(token_hash: &str) -> Option<AccountSession>;
    account::cancellations_of_customer(customer_id: &str, limit: i64) -> Vec<Cancellation>;
    gauges::events_in_state(state: &str, count_max: i64) -> (i64, Option<i64>);
    gauges::refunds_in_state(state: &str, count_max: i64) -> (i64, Option<i64>);
    gauges::cancellations_in_state(state: &str, count_max: i64) -> (i64, Option<i64>);
    gauges::mails_waiting(count_max: i64) -> (i64, Option<i64>);
    gauges::journals_behind(position: i64, count_max: i64) -> (i64, Option<i64>);
    lookup::find_customer(id: &str) -> Option<Customer>;
    lookup::list_customers(email: Option<&str>, before: Option<&str>, limit: i64) -> Vec<Customer>;
    lookup::find_subscription(id: &str) -> Option<Subscription>;
    lookup::list_subscriptions(customer_id: Option<&str>, status: Option<&str>, before: Option<&str>, limit: i64) -> Vec<Subscription>;
    lookup::find_charge(id: &str) -> Option<Charge>;
    lookup::charges_after(from: Option<i64>, to: Option<i64>, after: &str, limit: i64) -> Vec<Charge>;
    lookup::subscriptions_after(from: Option<i64>, to: Option<i64>, after: &str, limit: i64) -> Vec<Subscription>;
    lookup::refunds_after(from: Option<i64>, to: Option<i64>, after: &str, limit: i64) -> Vec<Refund>;
    lookup::verdicts_after(from: Option<i64>, to: Option<i64>, after: (&str, i64), limit: i64) -> Vec<Verdict>;
    statement_files::file_by_hash(side: &str, owner: &str, sha256: &str) -> Option<StatementFile>;
    statement_files::statement_file(id: &str) -> Option<StatementFile>;
    statement_files::statement_files_of(side: &str) -> Vec<StatementFile>;
    statement_files::unfinished_files() -> Vec<StatementFile>;
    statement_files::file_piece(file_id: &str, position: i64) -> Option<FilePiece>;
    statement_files::problems_of_file(file_id: &str, limit: i64) -> Vec<FileProblem>;
    statement_files::holders_of(side: &str, owner: &str) -> Vec<StatementHolder>;
    agreeing::charge_lines_to_post(connection: &str, after: i64, limit: i64) -> Vec<ChargeLine>;
    agreeing::booked_charges(connection: &str, ids: &[&str]) -> Vec<(String, i64, String)>;
    agreeing::lines_to_compare(asked: ToCompare<'_>) -> Vec<ComparedLine>;
    agreeing::lines_about_nothing(asked: ToCompare<'_>) -> Vec<(i64, LineFlags)>;
    agreeing::charges_to_compare(connection: &str, after: &str, limit: i64) -> Vec<ComparedCharge>;
    agreeing::sources_by_seqs(connection: &str, seqs: &[i64]) -> Vec<String>;
    agreeing::match_runs(connection: &str) -> Vec<MatchRun>;
    provider_lines::provider_lines_by_ids(connection: &str, ids: &[String]) -> Vec<ProviderLine>;
    provider_lines::lines_by_sources(connection: &str, sources: &[String]) -> Vec<ProviderLine>;
    provider_lines::lines_by_charges(connection: &str, charges: &[String]) -> Vec<ProviderLine>;
    provider_lines::sources_in_suspense(connection: &str, sources: &[String]) -> Vec<String>;
    provider_lines::lines_to_post(connection: &str, limit: i64) -> Vec<ProviderLine>;
    provider_lines::lines_posted(connection: &str, after: i64, limit: i64) -> Vec<ProviderLine>;
    provider_lines::lines_by_seqs(seqs: &[i64]) -> Vec<ProviderLine>;
    provider_lines::sources_told(connection: &str, sources: &[&str]) -> Vec<String>;
    provider_lines::last_line_seq() -> i64;
    provider_lines::first_line_at(connection: &str) -> Option<i64>;
    provider_lines::provider_totals(connection: &str, through: &str, until: i64) -> Vec<ProviderTotal>;
    bank_lines::bank_lines_by_ids(account: &str, ids: &[String]) -> Vec<BankLine>;
    bank_lines::bank_lines_to_judge(from: &str, through: &str) -> Vec<BankLine>;
    periods::last_period_event() -> Option<PeriodEvent>;
    periods::period_events() -> Vec<PeriodEvent>;
    periods::first_day_booked_after(after: &str) -> Option<String>;
    periods::charges_to_earn(month: &str, after: &str, limit: i64) -> Vec<Charge>;
    periods::charges_earned_after(after: &str, limit: i64) -> Vec<Charge>;
    periods::charges_recognised(number: i64) -> i64;
    periods::recognised_of_charges(charge_ids: &[String]) -> Vec<RecognisedRevenue>;
    periods::recognised_in_journal(journal_id: &str) -> i64;
    periods::closing_statement(number: i64) -> Option<ClosingStatement>;
    periods::closing_statements() -> Vec<ClosingStatement>;
    periods::closing_totals(number: i64) -> Vec<ClosingTotal>;
    bank_lines::last_bank_day() -> Option<String>;
    bank_lines::bank_lines_standing(standing: &str, through: &str) -> i64;
    bank_lines::payout_positions_by_ids(connection: &str, ids: &[String]) -> Vec<PayoutPosition>;
    bank_lines::payout_positions_of(connection: &str) -> Vec<PayoutPosition>;
    bank_lines::payouts_of(connection: &str) -> Vec<Payout>;
    unreported::charges_unreported(asked: Unreported<'_>) -> Vec<Charge>;
    unreported::charges_unreported_of(asked: Unreported<'_>, ids: &[String]) -> Vec<Charge>;
    unreported::refunds_unreported(asked: Unreported<'_>) -> Vec<Refund>;
    unreported::movements_unreported(asked: Unreported<'_>) -> Vec<(DisputeMovement, Dispute)>;
    unreported::movements_by_ids(connection: &str, ids: &[String]) -> Vec<(DisputeMovement, Dispute)>;
    provider_lines::payout_traces(connection: &str) -> Vec<(String, String)>;
    syncing::sync_run(connection: &str) -> Option<SyncRun>;
    syncing::sync_cursors(connection: &str) -> Vec<SyncCursor>;
    syncing::subscriptions_made(made: Made<'_>) -> Vec<String>;
    syncing::charges_made(made: Made<'_>) -> Vec<String>;
    syncing::refunds_made(made: Made<'_>) -> Vec<String>;
    syncing::disputes_made(made: Made<'_>) -> Vec<String>;
    syncing::payouts_made(made: Made<'_>) -> Vec<String>;
    syncing::others_refunds_after(connection: &str, after: &str, limit: i64) -> Vec<Refund>;
    syncing::stops_after(connection: &str, after: &str, limit: i64) -> Vec<(Cancellation, Subscription)>;
    breaks::breaks_by_subjects(subjects: &[String]) -> Vec<(Break, BreakEvent)>;
    breaks::find_break(id: &str) -> Option<(Break, BreakEvent)>;
    breaks::list_breaks(state: Option<&str>, kind: Option<&str>, before: Option<&str>, limit: i64) -> Vec<(Break, BreakEvent)>;
    breaks::has_breaks(connection: &str, kind: &str) -> bool;
    breaks::open_breaks(connection: Option<&str>) -> Vec<(String, i64)>;
    breaks::events_of_break(id: &str) -> Vec<BreakEvent>;
    breaks::bank_totals(connection: &str, through: &str) -> Vec<(String, i64, i64)>;
    breaks::find_reconciliation(id: &str) -> Option<Reconciliation>;
    breaks::last_reconciliation() -> Option<Reconciliation>;
    reports::money_moved(asked: Reported<'_>) -> Vec<MovedSum>;
    reports::verdict_sums(asked: Reported<'_>) -> Vec<VerdictSum>;
    reports::refund_sums(asked: Reported<'_>) -> Vec<RefundSum>;
    reports::deferred_charges(connection: Option<&str>, after: &str, limit: i64) -> Vec<DeferredCharge>;
    reports::breaks_after(state: Option<&str>, connection: Option<&str>, days: (Option<&str>, Option<&str>), after: &str, limit: i64) -> Vec<(Break, BreakEvent)>;
    reports::reconciliation_covering(connection: Option<&str>, through: Option<&str>) -> Option<Reconciliation>;
}

queries! { WriteTx:
    queue::claim_waiting(now: i64, from: i64, lanes: Option<Lanes>, limit: i64) -> Vec<Due>;
    queue::claim_events(ids: &[String]) -> Vec<String>;
    queue::finish_events(ids: &[String], state: &str, now: i64) -> ();
    queue::set_event_aside(id: &str, state: &str, error: &str, due_at: i64) -> ();
    queue::wake_parked(now: i64) -> ();
    inbox::note_conflict(id: &str, conflict: &str) -> ();
    bundles::drop_bundles(ids: &[String]) -> ();
    queue::requeue_events(ids: &[String], now: i64) -> usize;
    answers::add_answer(row: &StoredAnswer) -> ();
    billing::add_delivery(report: &Delivery) -> ();
    billing::save_customers(rows: &[Customer]) -> ();
    billing::save_subscriptions(rows: &[Subscription]) -> ();
    billing::save_invoices(rows: &[Invoice]) -> ();
    billing::save_charges(rows: &[Charge]) -> ();
    billing::set_link_due(charge_id: &str, due_at: Option<i64>) -> ();
    billing::add_invoice_payments(rows: &[InvoicePayment]) -> ();
    billing::add_invoice_subscriptions(rows: &[InvoiceSubscription]) -> ();
    disputes::save_disputes(rows: &[Dispute]) -> ();
    disputes::add_dispute_movements(rows: &[DisputeMovement]) -> ();
    disputes::save_payouts(rows: &[Payout]) -> ();
    disputes::set_members_due(connection: &str, payout: &str, due_at: Option<i64>) -> ();
    refunds::save_refunds(rows: &[Refund]) -> ();
    cancellations::save_cancellation(row: &Cancellation) -> ();
    cancellations::add_verdicts(rows: &[Verdict]) -> ();
    cancellations::add_receipts(rows: &[Receipt]) -> ();
    cancellations::post_mail(mail: &Mail) -> ();
    cancellations::save_mail(mail: &Mail) -> ();
    ledger::add_journals(new_journals: &[NewJournal], lines: &[Posting], done: &[Effect]) -> ();
    ledger::add_seals(links: &[Seal], head: &ChainHead, balances: &[DailyBalance]) -> ();
    vouchers::add_voucher_batch(batch: &VoucherBatch, balances: &[TranslatedBalance]) -> ();
    access::add_api_key(key: &ApiKey) -> ();
    access::revoke_api_key(id: &str, now: i64) -> usize;
    access::save_idempotent_request(row: &IdempotentRequest) -> ();
    access::drop_idempotent_request(api_key: &str, key: &str) -> ();
    access::add_portal_session(row: &PortalSession) -> ();
    access::use_portal_session(token_hash: &str, now: i64) -> Option<PortalSession>;
    access::add_account_session(row: &AccountSession) -> ();
    access::touch_account_session(token_hash: &str, locale: &str, now: i64) -> ();
    access::drop_account_session(token_hash: &str) -> ();
    account::drop_ended_account_sessions(seen_before: i64, now: i64) -> usize;
    access::take_lease(name: &str, holder: &str, now: i64, until: i64) -> bool;
    statement_files::add_statement_file(file: &StatementFile) -> ();
    statement_files::finish_file(id: &str, problems: i64) -> ();
    statement_files::add_file_piece(file_id: &str, position: i64, packed: &[u8]) -> ();
    statement_files::add_file_problems(problems: &[FileProblem]) -> ();
    statement_files::add_holders(holders: &[StatementHolder]) -> ();
    provider_lines::add_provider_lines(rows: &[ProviderLine]) -> usize;
    provider_lines::save_provider_lines(rows: &[ProviderLine]) -> ();
    agreeing::mark_posted(seqs: &[i64]) -> ();
    agreeing::add_match_runs(runs: &[MatchRun]) -> ();
    bank_lines::save_bank_lines(rows: &[BankLine]) -> ();
    bank_lines::save_payout_positions(rows: &[PayoutPosition]) -> ();
    syncing::save_sync_run(row: &SyncRun) -> ();
    syncing::save_sync_cursors(rows: &[SyncCursor]) -> ();
    breaks::add_breaks(rows: &[Break]) -> ();
    breaks::add_break_events(rows: &[BreakEvent]) -> ();
    breaks::add_matches(rows: &[Match]) -> ();
    breaks::add_reconciliation(row: &Reconciliation) -> ();
    periods::add_period_event(event: &PeriodEvent) -> ();
    periods::add_closing_statement(statement: &ClosingStatement, totals: &[ClosingTotal]) -> ();
    periods::add_recognised_revenue(rows: &[RecognisedRevenue]) -> ();
}
