//! Fields and parameters that are one of a few words. Each list stands here once: what a filter
//! accepts, what a body may say and what the description shows are the same.

use crate::app::cancellation;
use crate::app::reconcile;
use crate::config::Locale;
use crate::exports::formats::FORMATS;
use crate::exports::kinds::KINDS;
use crate::http::problem::Code;
use crate::reports::waterfall::Step;
use avstem_domain::breaks;
use avstem_domain::charge;
use avstem_domain::dispute;
use avstem_domain::ledger::journal;
use avstem_domain::matching::outcome::Reason;
use avstem_domain::refund_policy;
use avstem_domain::subscription;
use avstem_statements::formats::Format;
use avstem_statements::problem;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// How reports are given.
pub const REPORT_FORMATS: [&str; 2] = ["json", "svg"];

/// A list of words, as a type.
pub trait Words {
    fn all() -> Vec<&'static str>;
}

macro_rules! words {
    ($($name:ident $about:literal $all:expr;)*) => {$(
        #[doc = $about]
        pub struct $name;

        impl Words for $name {
            fn all() -> Vec<&'static str> {
                $all.to_vec()
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $about, "enum": Self::all() })
            }
        }
    )*};
}

words! {
    EventState
        "`received`: stored, and not looked at yet. `processed`: its effects are in the books. `ignored`: a type that means nothing to us. `parked`: waits for the charge it is about. `failed`: a person must look; `error` says why. `foreign`: another account's or mode's."
        ["received", "processed", "ignored", "parked", "failed", "foreign"];
    CustomerStatus
        "What the shop thinks of the customer."
        ["active", "suspended"];
    SubscriptionStatus
        "As the provider has it."
        subscription::SubscriptionStatus::ALL.map(subscription::SubscriptionStatus::as_str);
    IntervalUnit
        "What a cycle is counted in."
        ["day", "week", "month", "year"];
    ChargeKind
        "`initial`: the subscription's first invoice. `renewal`: a cycle's invoice. `other`: a proration, an invoice made by hand and the like, which the policy does not refund."
        [charge::ChargeKind::Initial, charge::ChargeKind::Renewal, charge::ChargeKind::Other].map(charge::ChargeKind::as_str);
    ChargeStatus
        "Whether the money was taken."
        [charge::ChargeStatus::Pending, charge::ChargeStatus::Succeeded, charge::ChargeStatus::Failed].map(charge::ChargeStatus::as_str);
    CancellationState
        "`requested`: stored, and nothing done yet. `canceling`: billing is being stopped. `refunding`: billing is stopped, and money is on its way. `completed`: all is done. `undone`: billing goes on. `attention`: a person must look; `attention` says why."
        ["requested", "canceling", "refunding", "completed", "undone", "attention"];
    Origin
        "`avstem`: asked for here. `provider`: done at the provider by others."
        ["avstem", "provider"];
    RequestedBy
        "Who asked for it."
        cancellation::RequestedBy::ALL.map(cancellation::RequestedBy::as_str);
    RefundChoice
        "`policy`: what the rules grant. `none`: nothing; the customer keeps the paid period."
        ["policy", "none"];
    StopMode
        "Whether billing stops at once or with the period that is paid for."
        ["immediate", "at_period_end"];
    Decision
        "What comes back of a charge: all that is left of it, a part, or nothing."
        ["refund", "partial_refund", "reject"];
    VerdictCode
        "Why, in order of precedence: the first that applies is given. The refund policy explains each."
        refund_policy::Code::ALL.map(refund_policy::Code::as_str);
    Clause
        "The clause of the refund policy that a verdict rests on."
        refund_policy::Clause::ALL.map(refund_policy::Clause::as_str);
    RefundState
        "`pending`: decided, and not asked for yet. `submitted`: the provider has it. `succeeded`, `failed`, `canceled`: what became of it there. `unknown`: asked for without an answer yet; it is settled by asking the provider."
        ["pending", "submitted", "succeeded", "failed", "canceled", "unknown"];
    DisputeStatus
        "As the provider has it. `warning_…` is an inquiry: no money has moved. `prevented`: the customer was paid back before it became a dispute."
        dispute::DisputeStatus::ALL.map(dispute::DisputeStatus::as_str);
    MovementDirection
        "`withdrawn`: from our balance at the provider to the bank. `reinstated`: back."
        ["withdrawn", "reinstated"];
    FileFormat
        "A report or statement that can be read."
        Format::all().map(Format::name).collect::<Vec<_>>();
    FileProblemCode
        "What is wrong with a row."
        problem::ProblemCode::ALL.map(problem::ProblemCode::as_str);
    ReconciliationState
        "`balanced`: no break is open, and every account agrees. `breaks`: a person must look."
        reconcile::STATES;
    ExpectedReason
        "`not_reported`: no report covers its time yet. `not_settled`: told by one report, and in no settlement yet. `not_in_bank`: a payout that may still be on its way. `not_paid_out`: the provider still has it."
        Reason::ALL.map(Reason::as_str);
    BreakKind
        "What disagrees."
        breaks::BreakKind::ALL.map(breaks::BreakKind::as_str);
    BreakState
        "Whether a person must still look."
        ["open", "resolved"];
    BreakAction
        "`proposed`: one person resolved it over the limit, and a second one must."
        ["opened", "assigned", "proposed", "resolved", "reopened"];
    Resolution
        "`bank_fee`: the bank kept the difference. `write_off`: the difference is given up. Both are booked. `wait`: asked again when it is still so after as many days as a payout may take. `explained`: it is as it should be; nothing is booked."
        breaks::Resolution::ALL.map(breaks::Resolution::as_str);
    Answer
        "Yes or no."
        ["true", "false"];
    AccountType
        "The first part of an account's name."
        ["assets", "liabilities", "income", "expenses", "equity"];
    JournalEvent
        "What a journal records."
        journal::JournalEvent::ALL.map(journal::JournalEvent::as_str);
    ExportKind
        "What is exported."
        KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>();
    ExportFormat
        "How it is written."
        FORMATS.iter().map(|format| format.name).collect::<Vec<_>>();
    ReportFormat
        "`json`: the numbers. `svg`: the picture of them."
        REPORT_FORMATS;
    WaterfallStep
        "`conversion`: to and from other currencies. `suspense`: what only one of provider and records knows. `at_provider`, `in_transit`: more there than before, or less when it adds. `shortfalls`: what banks kept and what was given up on."
        Step::ALL.map(Step::as_str);
    Language
        "The language of pages and letters."
        [Locale::Sv, Locale::En].map(Locale::as_str);
    ProblemCode
        "What went wrong. Codes are stable; titles and details are for people and may change."
        Code::all().map(Code::as_str).collect::<Vec<_>>();
}
