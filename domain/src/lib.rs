//! What the business decides, as pure functions from facts to values.
//!
//! This crate knows nothing of HTTP, SQL, clocks or randomness: time and ids come in as arguments.
//! Reading order: [`money`], [`time`], [`id`], then [`event`] (what a provider can tell us),
//! [`subscription`] and [`charge`] (what we keep of it), [`refund_policy`] and [`cancellation`]
//! (what follows from a request), [`ledger`] (how it is booked), [`statement`] (what providers and banks
//! report afterwards), [`matching`] (how the two are compared) and [`breaks`] (what comes of differences).

pub mod breaks;
pub mod cancellation;
pub mod charge;
pub mod dispute;
pub mod event;
pub mod id;
pub mod ledger;
pub mod matching;
pub mod money;
pub mod payout;
pub mod refund_policy;
pub mod revenue;
pub mod runs;
pub mod statement;
pub mod subscription;
pub mod time;
