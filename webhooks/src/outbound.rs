//! Requests to a provider as values, and what its replies mean. Nothing here does I/O: the service's
//! gateway sends an [`HttpRequest`], adds the base address and the key, and hands the reply back.

use avstem_domain::event::Fact;
use avstem_domain::id::{
    ProviderChargeId, ProviderCustomerId, ProviderDisputeId, ProviderInvoiceId, ProviderPaymentId,
    ProviderPayoutId, ProviderRefundId, ProviderSubscriptionId, RefundId,
};
use avstem_domain::money::Money;
use avstem_domain::time::Timestamp;

/// One HTTP request, without the provider's address and without credentials, so that it can be stored
/// and repeated byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    pub method: Method,
    /// Absolute path with query, such as `/v1/refunds?charge=ch_1`.
    pub target: String,
    /// Names in lower case. Never `authorization`.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpReply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What we can ask a provider for. Reads come in pages: `after` is the last object of the page before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    FetchSubscription(ProviderSubscriptionId),
    /// All invoices of a subscription. Newer shapes leave out what paid them.
    ListInvoices {
        subscription: ProviderSubscriptionId,
        after: Option<String>,
    },
    FetchInvoice(ProviderInvoiceId),
    /// What paid one invoice (newer shapes).
    ListInvoicePayments {
        invoice: ProviderInvoiceId,
        after: Option<String>,
    },
    /// The invoice that a payment paid (newer shapes; a charge no longer tells).
    FindInvoiceOfPayment(ProviderPaymentId),
    ListCharges {
        customer: ProviderCustomerId,
        after: Option<String>,
    },
    FetchCharge(ProviderChargeId),
    ListRefunds {
        charge: ProviderChargeId,
        after: Option<String>,
    },
    /// The disputes of a charge.
    ListDisputes {
        charge: ProviderChargeId,
        after: Option<String>,
    },
    FetchRefund(ProviderRefundId),
    FetchDispute(ProviderDisputeId),
    FetchPayout(ProviderPayoutId),
    /// Everything of one kind that the account has, newest first.
    ListAll {
        of: Listed,
        /// Only what was made then or later.
        made_from: Option<Timestamp>,
        after: Option<String>,
    },
    /// What the provider told in webhooks, newest first, as far back as it keeps it: as documents.
    ListEvents {
        made_from: Timestamp,
        after: Option<String>,
    },
    /// What an automatic payout is made of, and the payout itself: as documents.
    ListPayoutMembers {
        payout: ProviderPayoutId,
        after: Option<String>,
    },
    /// Ends the subscription now: no proration, no final invoice.
    CancelNow(ProviderSubscriptionId),
    CancelAtPeriodEnd(ProviderSubscriptionId),
    /// Ends the subscription at an instant that is not its current period's end; no proration.
    CancelAt(ProviderSubscriptionId, Timestamp),
    /// Takes a stop at period end back: the subscription renews again.
    RenewAgain(ProviderSubscriptionId),
    /// Takes an end set by date back: the subscription renews again.
    UnsetCancelAt(ProviderSubscriptionId),
    /// Stops a draft from being finalised by itself.
    HoldDraft(ProviderInvoiceId),
    /// Finalises a draft without collecting it (a subscription's draft can not be deleted).
    FinalizeWithoutCollection(ProviderInvoiceId),
    VoidInvoice(ProviderInvoiceId),
    CreateRefund(RefundOrder),
}

/// Kinds of objects that can be listed whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Ended ones too.
    Subscriptions,
    Charges,
    Refunds,
    Disputes,
    Payouts,
}

/// A refund to ask for. The idempotency key is derived from `refund` and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    pub refund: RefundId,
    pub charge: ProviderChargeId,
    pub amount: Money,
}

/// What a reply (or its absence) means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done. Facts in the reply, and where the next page begins if there is one.
    Executed {
        facts: Vec<Fact>,
        /// Where documents were asked for: each item of the list as the provider wrote it, on one line.
        documents: Vec<Vec<u8>>,
        next: Option<String>,
    },
    /// Certainly not done.
    Refused(Refusal),
    /// It may or may not have been done: ask the provider before doing anything else.
    Unknown(Uncertainty),
}

/// Why the provider certainly did not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Try again later with the same key; seconds as the provider asked, uncapped.
    RateLimited {
        retry_after_s: Option<u64>,
    },
    /// The key is wrong or lacks a permission: a person must mend it; the same request may then pass.
    WrongKey {
        message: String,
    },
    NotFound,
    AlreadyRefunded,
    /// The charge is disputed: the money is on its way back through the bank.
    Disputed,
    AmountTooLarge,
    NotRefundable {
        message: String,
    },
    InsufficientBalance,
    AlreadyCanceled,
    /// The invoice is not in a state that allows it (already paid, void, finalised …).
    InvoiceMovedOn {
        message: String,
    },
    /// The key was used with other parameters: a bug of ours, never retried.
    KeyReused,
    /// Anything else that is our fault or a stale id.
    Invalid {
        code: Option<String>,
        message: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uncertainty {
    /// 5xx.
    ServerError { status: u16 },
    /// A redirect, or another status that says nothing.
    Unexpected { status: u16 },
    /// 2xx that can not be read.
    Unreadable { why: String },
    /// 2xx that speaks of another object, amount or currency than was asked.
    AnotherAnswer { why: String },
    /// 409: a request with the same key is still running.
    KeyInUse,
}
