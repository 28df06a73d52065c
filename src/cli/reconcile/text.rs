//! A reconciliation as a person reads it in a terminal.

use crate::app::Failure;
use crate::app::books::money;
use crate::app::breaks::BreakView;
use crate::app::reconcile::{Proof, ReconciliationView};
use crate::config::Locale;
use crate::i18n::Speech;
use crate::reports::aging::{Aging, KindAges};
use crate::reports::terminal::{Bars, lines};
use crate::reports::waterfall::Waterfall;
use avstem_domain::money::Money;

/// Everything that is told.
pub struct Told<'a> {
    pub view: &'a ReconciliationView,
    /// Those that are listed, oldest first; there may be more.
    pub open: &'a [BreakView],
    pub aging: &'a Aging,
    pub waterfall: &'a Waterfall,
    pub zone: chrono_tz::Tz,
}

impl Told<'_> {
    pub fn as_text(&self, bars: Bars) -> Result<String, Failure> {
        let view = self.view;
        let total: i64 = view.report.breaks.values().sum();
        let state = match total {
            0 => "no open breaks".to_owned(),
            1 => "1 open break".to_owned(),
            total => format!("{total} open breaks"),
        };
        let mut told = vec![
            format!("Reconciled through {}: {state}.", view.row.through),
            String::new(),
        ];
        told.extend(table(&view.report.proof)?);
        told.push(String::new());
        told.push(format!(
            "{} lines have their counterparts; {} bank lines are none of a provider's; {} payouts are the sum of their lines.",
            view.report.matched, view.report.unrelated, view.report.payouts.proved
        ));
        for incomplete in &view.report.payouts.incomplete {
            told.push(format!("Payout {incomplete}."));
        }
        told.extend(self.expected()?);
        told.extend(self.fallen(bars));
        for kind in &self.aging.kinds {
            told.push(String::new());
            told.extend(self.of_kind(kind)?);
        }
        Ok(told.join("\n"))
    }

    fn expected(&self) -> Result<Vec<String>, Failure> {
        let told = self.view.report.expected.iter().map(|sum| {
            let amount = money(sum.amount, &sum.currency)?;
            let what = match sum.reason.as_str() {
                "not_in_bank" => "on its way to the bank",
                "not_paid_out" => "not paid out yet",
                "not_reported" => "in no report yet",
                _ => "in no settlement yet",
            };
            Ok(format!(
                "Expected: {} {amount} {what}, since {}.",
                sum.connection, sum.oldest_on
            ))
        });
        told.collect()
    }

    /// What became of what customers paid, up to the day that was reconciled through.
    fn fallen(&self, bars: Bars) -> Vec<String> {
        let speech = Speech {
            locale: Locale::En,
            zone: self.zone,
        };
        let picture = self.waterfall.picture(speech);
        if picture.panels.is_empty() {
            return Vec::new();
        }
        let mut told = vec![String::new(), format!("{}:", picture.title)];
        told.extend(picture.panels.iter().flat_map(|panel| lines(panel, bars)));
        told
    }

    /// How many there are, how old they are and what to do, and then each of them.
    fn of_kind(&self, kind: &KindAges) -> Result<Vec<String>, Failure> {
        let amounts = kind.amounts()?;
        let amounts: Vec<String> = amounts.values().map(Money::to_string).collect();
        let amounts = match amounts.as_slice() {
            [] => String::new(),
            amounts => format!(", differing by {}", amounts.join(" and ")),
        };
        let mut told = vec![
            format!(
                "{}: {} open, the oldest {} days old{amounts}.",
                kind.kind,
                kind.breaks(),
                kind.oldest
            ),
            format!("  {}", kind.kind.suggestion()),
        ];
        let own = self.open.iter().filter(|one| one.kind == kind.kind);
        told.extend(own.flat_map(one_break));
        Ok(told)
    }
}

/// What it is, and what was expected and found, indented under a heading.
pub fn one_break(view: &BreakView) -> Vec<String> {
    let row = &view.row;
    let difference = view.difference.map_or_else(
        || "no common currency".to_owned(),
        |difference| format!("difference {difference}"),
    );
    vec![
        format!(
            "  {} {} {} {}",
            row.id,
            view.kind,
            row.connection.as_deref().unwrap_or("-"),
            row.reference
        ),
        format!(
            "    expected {}, found {}: {difference}; {} days old",
            view.expected, view.found, view.age_days
        ),
    ]
}

/// Columns as wide as what stands in them; amounts to the right.
fn table(proofs: &[Proof]) -> Result<Vec<String>, Failure> {
    let heads = [
        "connection",
        "currency",
        "provider",
        "ledger",
        "in transit",
        "bank",
        "difference",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    for proof in proofs {
        let text = |minor: Option<i64>| -> Result<String, Failure> {
            Ok(match minor {
                Some(minor) => proof.money(minor)?.to_decimal_string(),
                None => "-".to_owned(),
            })
        };
        rows.push([
            proof.connection.clone(),
            proof.currency.clone(),
            text(proof.provider)?,
            text(Some(proof.ledger))?,
            text(Some(proof.in_transit))?,
            text(Some(proof.bank))?,
            text(proof.difference)?,
        ]);
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| {
            if column < 2 {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    Ok(rows.iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stand_under_each_other() {
        let proof = |connection: &str, ledger, provider| Proof {
            connection: connection.to_owned(),
            currency: "SEK".to_owned(),
            ledger,
            provider,
            in_transit: 47_923,
            bank: 0,
            difference: provider.map(|told: i64| ledger - told),
        };
        let lines = table(&[proof("stripe", 24_346, Some(24_346)), proof("x", 0, None)]).unwrap();
        assert_eq!(
            lines,
            [
                "connection  currency  provider  ledger  in transit  bank  difference",
                "stripe      SEK         243.46  243.46      479.23  0.00        0.00",
                "x           SEK              -    0.00      479.23  0.00           -",
            ]
        );
    }
}
