//! Between stored texts and numbers and the domain's types.

use super::super::Failure;
use avstem_domain::event::{
    BillingReason, DisputeStanding, IntervalUnit, InvoiceStatus, Renewal, Version,
};
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::{BillingPeriod, Timestamp};

/// An amount from its columns.
pub fn money(minor: i64, currency: &str) -> Result<Money, Failure> {
    let currency = Currency::parse(currency).map_err(|e| Failure::unreadable("currency", e))?;
    Ok(Money::from_minor(minor, currency))
}

pub fn time(micros: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_micros(micros).map_err(|e| Failure::unreadable("time", e))
}

pub fn optional_time(micros: Option<i64>) -> Result<Option<Timestamp>, Failure> {
    micros.map(time).transpose()
}

pub fn period(start: Option<i64>, end: Option<i64>) -> Result<Option<BillingPeriod>, Failure> {
    let (Some(start), Some(end)) = (start, end) else {
        return Ok(None);
    };
    BillingPeriod::new(time(start)?, time(end)?)
        .map(Some)
        .map_err(|e| Failure::unreadable("period", e))
}

/// Characters of a version's text before its tie.
const BEFORE_TIE: usize = 40;

/// A version as text that sorts as the version does.
pub(super) fn version_text(version: &Version) -> String {
    let Version {
        terminal,
        observed_at,
        rank,
        tie,
    } = version;
    // The rank is moved above zero, so that its digits sort as the number does: from the least, which becomes 0.
    let rank = rank.cast_unsigned() ^ (1 << 63);
    // No time is before 1970.
    let observed_at = observed_at.as_micros().unsigned_abs();
    let mut text = String::with_capacity(BEFORE_TIE + tie.len());
    text.push_str(if *terminal { "1-" } else { "0-" });
    push_digits(&mut text, observed_at, 16);
    text.push('-');
    push_digits(&mut text, rank, 20);
    text.push('-');
    text.push_str(tie);
    text
}

/// Adds a number with at least so many digits. Versions are made for every fact: `write!` takes thrice as long.
fn push_digits(text: &mut String, number: u64, least: usize) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number);
    for _ in digits.len()..least {
        text.push('0');
    }
    text.push_str(digits);
}

pub(super) const fn interval_unit(unit: IntervalUnit) -> &'static str {
    match unit {
        IntervalUnit::Day => "day",
        IntervalUnit::Week => "week",
        IntervalUnit::Month => "month",
        IntervalUnit::Year => "year",
    }
}

pub(super) const fn renewal(renewal: Renewal) -> &'static str {
    match renewal {
        Renewal::Renews => "renews",
        Renewal::StopsAtPeriodEnd => "stops",
    }
}

pub(super) const fn billing_reason(reason: BillingReason) -> &'static str {
    match reason {
        BillingReason::FirstInvoice => "first_invoice",
        BillingReason::Cycle => "cycle",
        BillingReason::Other => "other",
        BillingReason::Unstated => "unstated",
    }
}

pub(super) const fn invoice_status(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Draft => "draft",
        InvoiceStatus::Open => "open",
        InvoiceStatus::Paid => "paid",
        InvoiceStatus::Uncollectible => "uncollectible",
        InvoiceStatus::Void => "void",
    }
}

pub(super) fn dispute_standing(text: &str) -> Result<DisputeStanding, Failure> {
    [
        DisputeStanding::Undisputed,
        DisputeStanding::Refundable,
        DisputeStanding::Blocks,
    ]
    .into_iter()
    .find(|standing| dispute(*standing) == text)
    .ok_or_else(|| Failure::Unreadable(format!("dispute standing {text:?}")))
}

pub(super) const fn dispute(standing: DisputeStanding) -> &'static str {
    match standing {
        DisputeStanding::Undisputed => "undisputed",
        DisputeStanding::Refundable => "refundable",
        DisputeStanding::Blocks => "blocks",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_sort_as_their_texts() {
        let mut sorted = Vec::new();
        for terminal in [false, true] {
            for micros in [0, 999_999, 1_700_000_000_000_000, 253_402_300_799_000_000] {
                for rank in [i64::MIN, -1, 0, 7, i64::MAX] {
                    for tie in ["", "a", "b-"] {
                        sorted.push(Version {
                            terminal,
                            observed_at: Timestamp::from_micros(micros).unwrap(),
                            rank,
                            tie: tie.to_owned(),
                        });
                    }
                }
            }
        }
        assert!(sorted.is_sorted());
        let texts: Vec<String> = sorted.iter().map(version_text).collect();
        assert!(texts.is_sorted(), "{texts:#?}");
        assert_eq!(
            texts[texts.len() / 2 - 1],
            "0-253402300799000000-18446744073709551615-b-"
        );
        assert_eq!(texts[0], "0-0000000000000000-00000000000000000000-");
    }
}
