//! What is made from facts, as it is read to compare two databases.

/// A kind of rows, each found by a connection and a key of the provider's that both databases know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projected {
    Customers,
    Subscriptions,
    Invoices,
    /// By invoice.
    InvoiceSubscriptions,
    /// By invoice.
    InvoicePayments,
    Charges,
    /// By our own id, which the provider was told.
    OurRefunds,
    /// Made by others.
    OtherRefunds,
    Disputes,
    DisputeMovements,
    Payouts,
    /// By what they are about.
    Journals,
}
