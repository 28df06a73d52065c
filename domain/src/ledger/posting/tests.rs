use super::*;
use crate::money::Currency;

pub(super) fn sek(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("SEK").unwrap())
}

pub(super) fn classified(vat: i64, income: Income) -> Classification {
    Classification {
        vat: sek(vat),
        income,
    }
}

pub(super) fn refund(
    amount: i64,
    decided_before: i64,
    classification: Classification,
) -> RefundOfCharge {
    RefundOfCharge {
        amount: sek(amount),
        decided_before: sek(decided_before),
        lost: sek(0),
        gross: sek(24_900),
        classification,
        recognised: sek(0),
    }
}

pub(super) fn in_stripe<T>(book: impl FnOnce(Occasion<'_>) -> T) -> T {
    let connection = Connection::parse("stripe").unwrap();
    let occurred_at = Timestamp::from_unix_seconds(1_790_000_000).unwrap();
    book(Occasion {
        connection: &connection,
        reference: "ch_1",
        occurred_at,
    })
}

/// `account amount` in line order.
pub(super) fn lines(journal: &Journal) -> Vec<String> {
    journal
        .postings()
        .iter()
        .map(|p| format!("{} {}", p.account, p.amount.minor()))
        .collect()
}

#[test]
fn a_charge_for_a_period_is_deferred_net_of_its_vat() {
    let journal =
        in_stripe(|at| charge_succeeded(at, sek(24_900), &classified(4_980, Income::Deferred)));
    let journal = journal.unwrap();
    assert_eq!(
        lines(&journal),
        [
            "assets:provider:stripe 24900",
            "liabilities:deferred_revenue -19920",
            "liabilities:vat -4980"
        ]
    );
    assert_eq!(
        (journal.event(), journal.reference()),
        (JournalEvent::ChargeSucceeded, "ch_1")
    );
}

#[test]
fn a_charge_without_a_period_is_income_at_once_and_zero_vat_is_no_line() {
    for (income, account) in [
        (Income::Subscriptions, "income:subscriptions"),
        (Income::Orders, "income:orders"),
    ] {
        let journal = in_stripe(|at| charge_succeeded(at, sek(100), &classified(0, income)));
        assert_eq!(
            lines(&journal.unwrap()),
            [
                "assets:provider:stripe 100".to_owned(),
                format!("{account} -100")
            ]
        );
    }
}

#[test]
fn a_charge_that_is_all_vat_has_no_income_line() {
    let journal = in_stripe(|at| charge_succeeded(at, sek(5), &classified(5, Income::Deferred)));
    assert_eq!(
        lines(&journal.unwrap()),
        ["assets:provider:stripe 5", "liabilities:vat -5"]
    );
}

#[test]
fn a_refund_of_a_deferred_charge_takes_from_deferred_revenue_and_vat() {
    let whole = refund(24_900, 0, classified(4_980, Income::Deferred));
    assert_eq!(
        lines(&in_stripe(|at| refund_decided(at, &whole)).unwrap()),
        [
            "liabilities:deferred_revenue 19920",
            "liabilities:vat 4980",
            "liabilities:refunds_payable -24900"
        ]
    );
}

#[test]
fn a_refund_of_income_is_taken_from_income_refunds() {
    for income in [Income::Subscriptions, Income::Orders] {
        let whole = refund(24_900, 0, classified(4_980, income));
        assert_eq!(
            lines(&in_stripe(|at| refund_decided(at, &whole)).unwrap()),
            [
                "income:refunds 19920",
                "liabilities:vat 4980",
                "liabilities:refunds_payable -24900"
            ]
        );
    }
}

#[test]
fn three_partial_refunds_give_back_exactly_the_vat_of_the_whole() {
    // A third of 4,981 is 1,660.33: steps of the running total round to 1,660, 1,661 and 1,660.
    let classification = classified(4_981, Income::Deferred);
    let vat_parts: Vec<String> = [0, 8_300, 16_600]
        .into_iter()
        .map(|before| in_stripe(|at| refund_decided(at, &refund(8_300, before, classification))))
        .map(|journal| lines(&journal.unwrap())[1].clone())
        .collect();
    assert_eq!(
        vat_parts,
        [
            "liabilities:vat 1660",
            "liabilities:vat 1661",
            "liabilities:vat 1660"
        ]
    );
}

#[test]
fn refunds_never_exceed_the_charge_by_the_last_ore() {
    let classification = classified(0, Income::Deferred);
    assert!(in_stripe(|at| refund_decided(at, &refund(900, 24_000, classification))).is_ok());
    assert!(matches!(
        in_stripe(|at| refund_decided(at, &refund(901, 24_000, classification))),
        Err(PostingError::RefundsExceedCharge { .. })
    ));
    assert!(matches!(
        in_stripe(|at| refund_decided(at, &refund(1, -1, classification))),
        Err(PostingError::RefundsExceedCharge { .. })
    ));
}

#[test]
fn a_refund_that_succeeds_leaves_the_provider_and_one_that_fails_comes_back() {
    assert_eq!(
        lines(&in_stripe(|at| refund_succeeded(at, sek(500))).unwrap()),
        [
            "liabilities:refunds_payable 500",
            "assets:provider:stripe -500"
        ]
    );
    assert_eq!(
        lines(&in_stripe(|at| refund_failed(at, sek(500))).unwrap()),
        [
            "assets:provider:stripe 500",
            "liabilities:refunds_payable -500"
        ]
    );
}

#[test]
fn an_abandoned_refund_is_the_decision_with_every_sign_turned() {
    let part = refund(8_300, 8_300, classified(4_981, Income::Deferred));
    assert_eq!(
        lines(&in_stripe(|at| refund_abandoned(at, &part)).unwrap()),
        [
            "liabilities:refunds_payable 8300",
            "liabilities:deferred_revenue -6639",
            "liabilities:vat -1661"
        ]
    );
}

#[test]
fn learning_the_invoice_of_a_charge_moves_income_to_deferred_revenue_and_vat() {
    let charge = BookedCharge {
        gross: sek(24_900),
        refunded: sek(0),
        lost: sek(0),
        recognised: sek(0),
        classification: classified(0, Income::Orders),
    };
    let moved =
        in_stripe(|at| reclassified(at, charge, &classified(4_980, Income::Deferred))).unwrap();
    assert_eq!(
        lines(&moved.unwrap()),
        [
            "liabilities:deferred_revenue -19920",
            "liabilities:vat -4980",
            "income:orders 24900"
        ]
    );
}

#[test]
fn a_charge_refunded_in_full_is_reclassified_without_a_trace_in_deferred_revenue() {
    let charge = BookedCharge {
        gross: sek(24_900),
        refunded: sek(24_900),
        lost: sek(0),
        recognised: sek(0),
        classification: classified(0, Income::Orders),
    };
    let moved =
        in_stripe(|at| reclassified(at, charge, &classified(4_980, Income::Deferred))).unwrap();
    assert_eq!(
        lines(&moved.unwrap()),
        ["income:refunds -24900", "income:orders 24900"]
    );
}

#[test]
fn a_classification_that_says_the_same_is_no_journal() {
    let classification = classified(4_980, Income::Deferred);
    let charge = BookedCharge {
        gross: sek(24_900),
        refunded: sek(100),
        lost: sek(0),
        recognised: sek(0),
        classification,
    };
    assert_eq!(
        in_stripe(|at| reclassified(at, charge, &classification)),
        Ok(None)
    );
}

#[test]
fn amounts_that_cannot_be_are_refused() {
    let none = classified(0, Income::Orders);
    let charge =
        |gross, classification| in_stripe(|at| charge_succeeded(at, sek(gross), &classification));
    assert_eq!(charge(0, none), Err(PostingError::NotPositive(sek(0))));
    assert_eq!(charge(-1, none), Err(PostingError::NotPositive(sek(-1))));
    for vat in [-1, 101] {
        assert!(matches!(
            charge(100, classified(vat, Income::Deferred)),
            Err(PostingError::VatOutsideCharge { .. })
        ));
    }
    assert_eq!(
        in_stripe(|at| refund_succeeded(at, sek(0))),
        Err(PostingError::NotPositive(sek(0)))
    );
    assert_eq!(
        in_stripe(|at| refund_failed(at, sek(-5))),
        Err(PostingError::NotPositive(sek(-5)))
    );
    let dollars = Money::from_minor(1, Currency::parse("USD").unwrap());
    let mixed = Classification {
        vat: dollars,
        income: Income::Orders,
    };
    assert!(matches!(charge(100, mixed), Err(PostingError::Money(_))));
}
