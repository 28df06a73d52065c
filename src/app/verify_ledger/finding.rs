//! What an audit can find.

use avstem_domain::ledger::account::AccountError;
use avstem_domain::money::MoneyError;

/// Something in the books that must not be. Prints as a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    #[error("Journal {journal} cannot be read: {problem}.")]
    UnreadableJournal { journal: String, problem: String },
    #[error("Journal {journal} has {postings} postings; every journal has at least two.")]
    TooFewPostings { journal: String, postings: usize },
    #[error(
        "Journal {journal} does not balance: its {currency} postings sum to {excess} minor units instead of 0."
    )]
    Unbalanced {
        journal: String,
        currency: String,
        excess: i128,
    },
    #[error("Journal {journal}, line {line}, is not in the chart of accounts: {problem}.")]
    UnknownAccount {
        journal: String,
        line: i64,
        problem: AccountError,
    },
    #[error("Journal {journal}, line {line}, is not in a known currency: {problem}.")]
    UnknownCurrency {
        journal: String,
        line: i64,
        problem: MoneyError,
    },
    #[error("There are postings of journal {journal}, which does not exist.")]
    OrphanPostings { journal: String },
    #[error("Journal {journal} is the effect of nothing: its row in effects is missing.")]
    JournalWithoutEffect { journal: String },
    #[error("Journal {journal} is recorded as {effects} effects; every journal is exactly one.")]
    SeveralEffects { journal: String, effects: usize },
    #[error(
        "Effect {effect} of {object} ({connection}) was booked as journal {journal}, which does not exist."
    )]
    EffectWithoutJournal {
        connection: String,
        object: String,
        effect: String,
        journal: String,
    },
    #[error(
        "Journal {journal} and its effect disagree: the {what} is {of_journal:?} in one and {of_effect:?} in the other."
    )]
    EffectDiffers {
        journal: String,
        what: &'static str,
        of_journal: String,
        of_effect: String,
    },
    #[error(
        "Seal {found} follows where seal {expected} was due: seals were removed or renumbered."
    )]
    SealsBroken { expected: i64, found: i64 },
    #[error("Seal {seq} stands at position {position}, which is not after the seal before it.")]
    SealOutOfOrder { seq: i64, position: i64 },
    #[error("Seal {seq} is of journal {sealed}, but journal {found} stands at its position.")]
    SealOfAnother {
        seq: i64,
        sealed: String,
        found: String,
    },
    #[error("Seal {seq} holds no hash that could be read.")]
    UnreadableSeal { seq: i64 },
    #[error(
        "Journal {journal} is not what was sealed as number {seq}: it, or a seal next to it, was changed."
    )]
    HashDiffers { seq: i64, journal: String },
    #[error("Journal {journal} was sealed as number {seq} and is gone.")]
    SealedJournalMissing { seq: i64, journal: String },
    #[error("Journal {journal} at position {position} was never sealed, though later ones were.")]
    NotSealed { journal: String, position: i64 },
    #[error("The head of the chain is missing.")]
    HeadMissing,
    #[error("The head of the chain says {what} {head}, but the seals say {seals}.")]
    HeadDiffers {
        what: &'static str,
        head: String,
        seals: String,
    },
    #[error(
        "The cached balance of {account} on {booked_on} is {cached} {currency} minor units, but its postings sum to {summed}."
    )]
    BalanceDiffers {
        booked_on: String,
        account: String,
        currency: String,
        cached: i64,
        summed: i128,
    },
    #[error(
        "Journal {journal} is booked on {booked_on}, but every day through {closed_through} was closed when it was written."
    )]
    BookedInClosedMonth {
        journal: String,
        booked_on: String,
        closed_through: String,
    },
    #[error(
        "Closing statement {number} says of {what}: {statement:?}, but the books say {books:?}."
    )]
    StatementDiffers {
        number: i64,
        what: String,
        statement: String,
        books: String,
    },
    #[error("Closing statement {number} cannot be read: {problem}.")]
    UnreadableStatement { number: i64, problem: String },
    #[error("A month was closed as number {number}, and there is no statement of it.")]
    StatementMissing { number: i64 },
    #[error("Closing statement {number} of {month} belongs to no closing.")]
    StatementAlone { number: i64, month: String },
    #[error("Closing statement {number} is not what was signed with the key of the settings.")]
    SignatureWrong { number: i64 },
    #[error("Month ends recognised {booked} minor units by {what}, but its parts sum to {told}.")]
    RecognisedDiffers {
        what: String,
        booked: i64,
        told: i64,
    },
}

impl Finding {
    /// A name for programs, which does not change.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnreadableJournal { .. } => "unreadable_journal",
            Self::TooFewPostings { .. } => "too_few_postings",
            Self::Unbalanced { .. } => "unbalanced",
            Self::UnknownAccount { .. } => "unknown_account",
            Self::UnknownCurrency { .. } => "unknown_currency",
            Self::OrphanPostings { .. } => "orphan_postings",
            Self::JournalWithoutEffect { .. } => "journal_without_effect",
            Self::SeveralEffects { .. } => "several_effects",
            Self::EffectWithoutJournal { .. } => "effect_without_journal",
            Self::EffectDiffers { .. } => "effect_differs",
            Self::SealsBroken { .. } => "seals_broken",
            Self::SealOutOfOrder { .. } => "seal_out_of_order",
            Self::SealOfAnother { .. } => "seal_of_another",
            Self::UnreadableSeal { .. } => "unreadable_seal",
            Self::HashDiffers { .. } => "hash_differs",
            Self::SealedJournalMissing { .. } => "sealed_journal_missing",
            Self::NotSealed { .. } => "not_sealed",
            Self::HeadMissing => "head_missing",
            Self::HeadDiffers { .. } => "head_differs",
            Self::BalanceDiffers { .. } => "balance_differs",
            Self::BookedInClosedMonth { .. } => "booked_in_closed_month",
            Self::StatementDiffers { .. } => "statement_differs",
            Self::UnreadableStatement { .. } => "unreadable_statement",
            Self::StatementMissing { .. } => "statement_missing",
            Self::StatementAlone { .. } => "statement_alone",
            Self::SignatureWrong { .. } => "signature_wrong",
            Self::RecognisedDiffers { .. } => "recognised_differs",
        }
    }
}
