//! What PayPal's transaction event codes mean, and the same for the words of its own exports.
//! <https://developer.paypal.com/docs/reports/reference/tcodes/>

use crate::identity;
use avstem_domain::id::{IdError, ProviderMovementId};
use avstem_domain::money::Money;
use avstem_domain::statement::LineKind;

/// The kind of a movement by its code and its direction.
pub fn kind_of_code(code: &str, gross: Money) -> LineKind {
    let out = gross.minor() < 0;
    match code {
        "T1106" | "T1201" | "T1202" => dispute(gross),
        "T1107" | "T1115" if out => LineKind::Refund,
        "T1107" | "T1115" => LineKind::RefundFailure,
        "T1108" | "T1109" => LineKind::Fee,
        "T1101" | "T1118" => LineKind::PayoutReturned,
        "T1105" | "T1110" | "T1111" => reserve(gross),
        "T1200" | "T1900" => LineKind::Adjustment,
        _ => match code.get(..3) {
            Some("T00") if !out => LineKind::Charge,
            Some("T01") => LineKind::Fee,
            Some("T02") => LineKind::Conversion,
            Some("T03") => LineKind::TopUp,
            Some("T04") if out => LineKind::Payout,
            Some("T04") => LineKind::PayoutReturned,
            Some("T15" | "T21") => reserve(gross),
            Some(_) | None => LineKind::Other(code.to_owned()),
        },
    }
}

/// The code that PayPal's own exports mean by a word, where they have no column for the code.
pub fn code_of_word(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    WORDS
        .iter()
        .find(|(words, _)| words.contains(&word.as_str()))
        .map(|(_, code)| *code)
}

/// One identity in every report. The download of the user's own account has no codes, and its words lead to
/// kinds only; so the kind stands for the code. A code of ours stands for itself.
pub fn identity(
    transaction: &str,
    kind: &LineKind,
    amount: Money,
) -> Result<ProviderMovementId, IdError> {
    match kind {
        LineKind::Other(word) | LineKind::Memo(word) => {
            identity::compose(&[transaction, kind.word(), word])
        }
        // Both halves of a conversion may have one id.
        LineKind::Conversion => {
            identity::compose(&[transaction, kind.word(), amount.currency().code()])
        }
        LineKind::Charge
        | LineKind::Refund
        | LineKind::RefundFailure
        | LineKind::DisputeWithdrawn
        | LineKind::DisputeReinstated
        | LineKind::Fee
        | LineKind::Payout
        | LineKind::PayoutReturned
        | LineKind::ReserveHeld
        | LineKind::ReserveReleased
        | LineKind::TopUp
        | LineKind::Adjustment => identity::compose(&[transaction, kind.word()]),
    }
}

const fn dispute(gross: Money) -> LineKind {
    if gross.minor() < 0 {
        LineKind::DisputeWithdrawn
    } else {
        LineKind::DisputeReinstated
    }
}

const fn reserve(gross: Money) -> LineKind {
    if gross.minor() < 0 {
        LineKind::ReserveHeld
    } else {
        LineKind::ReserveReleased
    }
}

/// English, German and Swedish, in lower case.
const WORDS: &[(&[&str], &str)] = &[
    (
        &[
            "subscription payment",
            "abonnementzahlung",
            "abonnemangsbetalning",
            "prenumerationsbetalning",
        ],
        "T0002",
    ),
    (
        &[
            "preapproved payment bill user payment",
            "zahlung im einzugsverfahren mit zahlungsrechnung",
            "förhandsgodkänd betalning",
        ],
        "T0003",
    ),
    (
        &[
            "express checkout payment",
            "paypal express-zahlung",
            "express checkout-betalning",
        ],
        "T0006",
    ),
    (
        &["website payment", "website-zahlung", "webbplatsbetalning"],
        "T0007",
    ),
    (
        &[
            "general payment",
            "mobile payment",
            "payment",
            "allgemeine zahlung",
            "handyzahlung",
            "allmän betalning",
            "mobilbetalning",
            "betalning",
        ],
        "T0000",
    ),
    (
        &[
            "general currency conversion",
            "currency conversion",
            "allgemeine währungsumrechnung",
            "allmän valutakonvertering",
            "allmän valutaväxling",
        ],
        "T0200",
    ),
    (
        &[
            "bank deposit to pp account",
            "general account deposit",
            "bankgutschrift auf paypal-konto",
            "allgemeine gutschrift auf paypal-konto",
            "banköverföring till paypal-konto",
        ],
        "T0300",
    ),
    (
        &[
            "general withdrawal",
            "user initiated withdrawal",
            "withdraw funds to bank account",
            "auto-sweep",
            "allgemeine abbuchung",
            "von nutzer eingeleitete abbuchung",
            "allmänt uttag",
            "uttag initierat av användaren",
        ],
        "T0400",
    ),
    (
        &[
            "chargeback fee",
            "rückbuchungsgebühr",
            "avgift för återkrav",
        ],
        "T0106",
    ),
    (&["dispute fee", "konfliktgebühr", "tvistavgift"], "T0114"),
    (
        &[
            "payment reversal",
            "zahlungsrückbuchung",
            "återföring av betalning",
        ],
        "T1106",
    ),
    (
        &["payment refund", "refund", "rückzahlung", "återbetalning"],
        "T1107",
    ),
    (
        &["fee reversal", "gebührenrückerstattung", "återförd avgift"],
        "T1108",
    ),
    (
        &[
            "hold on balance for dispute investigation",
            "einbehaltung für konfliktklärung",
            "spärrat belopp för tvistutredning",
        ],
        "T1110",
    ),
    (
        &[
            "cancellation of hold for dispute resolution",
            "stornierung der einbehaltung für konfliktlösung",
            "hävning av spärr efter tvistlösning",
        ],
        "T1111",
    ),
    (&["chargeback", "rückbuchung", "återkrav"], "T1201"),
    (
        &[
            "chargeback reversal",
            "rückbuchungsstornierung",
            "återfört återkrav",
        ],
        "T1202",
    ),
    (
        &[
            "account hold for open authorization",
            "einbehaltung für offene autorisierung",
        ],
        "T1501",
    ),
    (
        &[
            "reversal of general account hold",
            "rückbuchung allgemeiner kontoeinbehaltung",
        ],
        "T1105",
    ),
    (
        &["general hold", "payment review hold", "reserve hold"],
        "T2101",
    ),
    (
        &[
            "general hold release",
            "payment review release",
            "reserve release",
        ],
        "T2102",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use avstem_domain::money::Currency;

    #[test]
    fn codes_and_words_lead_to_one_kind() {
        let money = |minor| Money::from_minor(minor, Currency::parse("SEK").unwrap());
        let cases = [
            ("T0002", 100, LineKind::Charge),
            ("T0001", -100, LineKind::Other("T0001".to_owned())),
            ("T1107", -100, LineKind::Refund),
            ("T1107", 100, LineKind::RefundFailure),
            ("T0106", -100, LineKind::Fee),
            ("T0200", -100, LineKind::Conversion),
            ("T0403", -100, LineKind::Payout),
            ("T0400", 100, LineKind::PayoutReturned),
            ("T1110", -100, LineKind::ReserveHeld),
            ("T1111", 100, LineKind::ReserveReleased),
            ("T2103", -100, LineKind::ReserveHeld),
            ("T1201", -100, LineKind::DisputeWithdrawn),
            ("T1202", 100, LineKind::DisputeReinstated),
            ("T0300", 100, LineKind::TopUp),
            ("T9", 100, LineKind::Other("T9".to_owned())),
        ];
        for (code, minor, kind) in cases {
            assert_eq!(kind_of_code(code, money(minor)), kind, "{code}");
        }
        assert_eq!(code_of_word("Subscription Payment"), Some("T0002"));
        assert_eq!(code_of_word("Rückzahlung"), Some("T1107"));
        assert_eq!(code_of_word("Allmänt uttag"), Some("T0400"));
        assert_eq!(code_of_word("Quark"), None);
    }
}
