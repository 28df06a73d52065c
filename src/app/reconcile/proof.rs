//! The proof that nothing is missing: the provider's account in the books against the sum of everything
//! that its reports tell, to the minor unit, and every payout against the lines that it took along.

use super::super::Failure;
use super::super::books::money;
use super::super::statements::rows::counted_until;
use super::super::trial_balance::trial_balance_in;
use super::lines::moves;
use super::records::{Asked, Covered, Kind, covered, unreported};
use super::report::{Proof, Report};
use super::scope::Scope;
use crate::store::ReadTx;
use crate::store::rows::{PayoutPosition, ProviderTotal};
use avstem_domain::ledger::account::Account;
use avstem_domain::matching::input::RecordKind;
use avstem_domain::matching::outcome::Reason;
use std::collections::{BTreeMap, BTreeSet};

/// Minor units by currency.
type Sums = BTreeMap<String, i64>;

pub fn prove(tx: &mut ReadTx<'_>, scope: &Scope<'_>, report: &mut Report) -> Result<(), Failure> {
    let through = scope.through.to_string();
    let balances = trial_balance_in(tx, Some(scope.through))?;
    report.unrelated = tx.bank_lines_standing("unrelated", &through)?;
    for name in scope.connections() {
        let connection = super::super::statements::rows::connection(name)?;
        let of = |account: &Account| -> Sums {
            let account = account.to_string();
            let held = balances.currencies.iter().filter_map(|(currency, all)| {
                let balance = all.accounts.get(&account)?;
                Some((currency.clone(), balance.minor()))
            });
            held.collect()
        };
        let ledger = of(&Account::Provider(connection.clone()));
        let in_transit = of(&Account::PayoutsInTransit(connection));
        let until = counted_until(tx, name)?;
        let totals = tx.provider_totals(name, &through, until)?;
        let provider = provider(tx, scope, name, &totals)?;
        let (mut bank, mut lines) = (Sums::new(), 0i64);
        for (currency, total, count) in tx.bank_totals(name, &through)? {
            bank.insert(currency, total);
            lines = lines.saturating_add(count);
        }
        report.matched = report.matched.saturating_add(lines);
        let told = provider.clone().unwrap_or_default();
        let currencies: BTreeSet<&String> = [&ledger, &in_transit, &bank, &told]
            .into_iter()
            .flat_map(BTreeMap::keys)
            .collect();
        for currency in currencies {
            let amount = |sums: &Sums| sums.get(currency).copied().unwrap_or(0);
            let waiting = report.expected_of(Reason::NotReported, name, currency);
            let (ledger, told) = (amount(&ledger), amount(&told));
            let proof = Proof {
                connection: name.clone(),
                currency: currency.clone(),
                ledger,
                provider: provider.is_some().then_some(told),
                in_transit: amount(&in_transit),
                bank: amount(&bank),
                difference: provider
                    .is_some()
                    .then(|| ledger.saturating_sub(told).saturating_sub(waiting)),
            };
            not_paid_out(report, &proof, &through)?;
            if !is_nothing(&proof) {
                report.proof.push(proof);
            }
        }
        check_payouts(tx, name, &totals, report)?;
    }
    Ok(())
}

const fn is_nothing(proof: &Proof) -> bool {
    proof.ledger == 0
        && proof.in_transit == 0
        && proof.bank == 0
        && matches!(proof.provider, None | Some(0))
}

/// What the provider has and has not paid out yet is expected to come with a later payout.
fn not_paid_out(report: &mut Report, proof: &Proof, through: &str) -> Result<(), Failure> {
    let Some(held) = proof.provider.filter(|held| *held != 0) else {
        return Ok(());
    };
    let amount = proof.money(held)?;
    report.expect_sum(Reason::NotPaidOut, &proof.connection, amount, through, "");
    Ok(())
}

/// What the provider owes us by its reports: everything that they tell, and what happened before the first
/// of them. Payouts that no report lists are taken from the events or members that told of them.
fn provider(
    tx: &mut ReadTx<'_>,
    scope: &Scope<'_>,
    name: &str,
    totals: &[ProviderTotal],
) -> Result<Option<Sums>, Failure> {
    let Some(covered) = covered(tx, scope, name)? else {
        return Ok(None);
    };
    let mut sums = Sums::new();
    for total in totals {
        add(&mut sums, &total.currency, total.due);
    }
    add_unlisted_payouts(tx, scope, name, &mut sums)?;
    add_earlier_records(tx, scope, name, &covered, &mut sums)?;
    Ok(Some(sums))
}

fn add(sums: &mut Sums, currency: &str, minor: i64) {
    let sum = sums.entry(currency.to_owned()).or_default();
    *sum = sum.saturating_add(minor);
}

fn add_unlisted_payouts(
    tx: &mut ReadTx<'_>,
    scope: &Scope<'_>,
    name: &str,
    sums: &mut Sums,
) -> Result<(), Failure> {
    let through = scope.through.to_string();
    let positions: Vec<PayoutPosition> = tx
        .payout_positions_of(name)?
        .into_iter()
        .filter(|position| position.sent_on <= through)
        .collect();
    let ids: Vec<String> = positions
        .iter()
        .map(|one| one.provider_id.clone())
        .collect();
    let mut listed: BTreeSet<(String, String)> = BTreeSet::new();
    for line in tx.lines_by_sources(name, &ids)? {
        if let (true, Some(source)) = (moves(&line)?, line.source) {
            listed.insert((source, line.kind));
        }
    }
    let booked = tx.effects_of(name, &ids)?;
    for position in positions {
        let listed = |kinds: &[&str]| {
            kinds
                .iter()
                .any(|kind| listed.contains(&(position.provider_id.clone(), (*kind).to_owned())))
        };
        let is_booked = |effect: &str| {
            let mut all = booked.iter();
            all.any(|one| one.object == position.provider_id && one.effect == effect)
        };
        // A payout that takes another one back may be listed as a return.
        let sent: &[&str] = if position.amount < 0 {
            &["payout", "top_up", "payout_returned"]
        } else {
            &["payout", "top_up"]
        };
        if is_booked("payout_sent") && !listed(sent) {
            add(sums, &position.currency, position.amount.saturating_neg());
        }
        if is_booked("payout_failed") && !listed(&["payout_returned"]) {
            add(sums, &position.currency, position.amount);
        }
    }
    Ok(())
}

/// What our records have from before the first report is believed: nothing could contradict it.
fn add_earlier_records(
    tx: &mut ReadTx<'_>,
    scope: &Scope<'_>,
    name: &str,
    covered: &Covered,
    sums: &mut Sums,
) -> Result<(), Failure> {
    for kind in [Kind::Charges, Kind::Refunds, Kind::Movements] {
        let mut after = String::new();
        loop {
            let asked = Asked {
                connection: name,
                from: i64::MIN,
                to: covered.from,
                after: &after,
            };
            let page = unreported(tx, scope, kind, asked, i64::MIN)?;
            let Some(last) = page.last else { break };
            after = last;
            for record in &page.records {
                let fee = match record.kind {
                    RecordKind::DisputeMovement { fee } => fee,
                    RecordKind::Charge | RecordKind::Refund | RecordKind::Payout => 0,
                };
                let moved = record.moves.minor().saturating_sub(fee);
                add(sums, record.moves.currency().code(), moved);
            }
        }
    }
    Ok(())
}

/// The lines that each payout took along sum to it.
fn check_payouts(
    tx: &mut ReadTx<'_>,
    name: &str,
    totals: &[ProviderTotal],
    report: &mut Report,
) -> Result<(), Failure> {
    let positions: BTreeMap<String, PayoutPosition> = tx
        .payout_positions_of(name)?
        .into_iter()
        .map(|row| (row.provider_id.clone(), row))
        .collect();
    // Lines of one payout are in its currency; if a report says otherwise, they do not sum to it.
    let mut all: BTreeMap<&str, i64> = BTreeMap::new();
    for total in totals {
        if let (Some(payout), Some(members)) = (&total.payout, total.members) {
            let sum = all.entry(payout).or_default();
            *sum = sum.saturating_add(members);
        }
    }
    for (payout, members) in all {
        match positions.get(payout) {
            Some(position) if position.amount == members => {
                report.payouts.proved = report.payouts.proved.saturating_add(1);
            }
            Some(position) => {
                let of = |minor| money(minor, &position.currency);
                report.payouts.incomplete.push(format!(
                    "{payout}: its lines sum to {}, and it is {}",
                    of(members)?,
                    of(position.amount)?
                ));
            }
            None => {}
        }
    }
    Ok(())
}
