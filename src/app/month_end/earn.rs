//! What charges earn in a month, a page of them at a time.
//!
//! What counts is what stood in deferred revenue on the month's last day, also when it is closed long
//! after: what was given back since is corrected on the day it was given back.

use super::super::Failure;
use super::super::books::{EffectKey, JournalRows, Keeping, money, standing, time};
use super::standing::parse_month;
use super::{Closing, last_instant};
use crate::store::WriteTx;
use crate::store::rows::{Charge, Invoice, RecognisedRevenue};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::account::{Account, Connection};
use avstem_domain::ledger::posting::{self, Classification, Income, Occasion};
use avstem_domain::money::Money;
use avstem_domain::revenue::Deferral;
use avstem_domain::time::{BillingPeriod, Timestamp};
use std::collections::BTreeMap;

/// Charges in one transaction.
const PAGE: i64 = 500;

/// What was done.
pub(super) struct Page {
    pub charges: u64,
    /// Our id of the last charge.
    pub last: String,
}

/// Lets the next page of charges earn; `None` when there are no more.
pub(super) fn earn(
    tx: &mut WriteTx<'_>,
    keeping: Keeping<'_>,
    closing: Closing,
    after: &str,
) -> Result<Option<Page>, Failure> {
    let charges = tx.charges_to_earn(&closing.month.to_string(), after, PAGE)?;
    let Some(last) = charges.last().map(|charge| charge.id.clone()) else {
        return Ok(None);
    };
    let page = Page {
        charges: u64::try_from(charges.len()).unwrap_or(u64::MAX),
        last,
    };
    let mut by_connection = BTreeMap::<String, Vec<Charge>>::new();
    for charge in charges {
        let connection = charge.connection.clone();
        by_connection.entry(connection).or_default().push(charge);
    }
    for (name, charges) in by_connection {
        let connection =
            Connection::parse(&name).map_err(|e| Failure::unreadable("connection name", e))?;
        let mut batch = Batch {
            keeping,
            closing,
            connection,
            journals: JournalRows::default(),
            earned: BTreeMap::new(),
        };
        batch.run(tx, charges)?;
    }
    Ok(Some(page))
}

/// Charges of one connection.
struct Batch<'a> {
    keeping: Keeping<'a>,
    closing: Closing,
    connection: Connection,
    journals: JournalRows,
    /// By currency: our ids of charges, the provider's, and what each earned.
    earned: BTreeMap<String, Vec<(String, String, Money)>>,
}

/// What a charge and everything about it put into deferred revenue, debit positive.
#[derive(Debug, Default, Clone, Copy)]
struct Deferred {
    /// Up to the month's last day.
    by_then: i64,
    in_all: i64,
    /// When the last journal after that day happened.
    changed_at: i64,
}

impl Batch<'_> {
    fn run(&mut self, tx: &mut WriteTx<'_>, mut charges: Vec<Charge>) -> Result<(), Failure> {
        let deferred = self.deferred(tx, &charges)?;
        let invoices: Vec<String> = charges
            .iter()
            .filter_map(|charge| charge.invoice.clone())
            .collect();
        let invoices: BTreeMap<String, Invoice> = tx
            .invoices_by_provider_ids(self.connection.as_str(), &invoices)?
            .into_iter()
            .map(|invoice| (invoice.provider_id.clone(), invoice))
            .collect();
        for charge in &mut charges {
            let invoice = charge.invoice.as_ref().and_then(|id| invoices.get(id));
            let deferred = deferred.get(&charge.id).copied().unwrap_or_default();
            self.earn(charge, invoice.and_then(period_of), deferred)?;
        }
        tx.save_charges(&charges)?;
        let rows = self.book_earned()?;
        self.journals.write(tx)?;
        Ok(tx.add_recognised_revenue(&rows)?)
    }

    /// By our id of the charge.
    fn deferred(
        &self,
        tx: &mut WriteTx<'_>,
        charges: &[Charge],
    ) -> Result<BTreeMap<String, Deferred>, Failure> {
        let ids: Vec<String> = charges.iter().map(|charge| charge.id.clone()).collect();
        let mut about: BTreeMap<String, String> = charges
            .iter()
            .map(|charge| (charge.provider_id.clone(), charge.id.clone()))
            .collect();
        for refund in tx.refunds_by_charges(&ids)? {
            about.extend(refund.provider_id.map(|id| (id, refund.charge_id.clone())));
            about.insert(refund.id, refund.charge_id);
        }
        for dispute in tx.disputes_by_charges(&ids)? {
            about.insert(dispute.provider_id, dispute.charge_id);
        }
        let references: Vec<String> = about.keys().cloned().collect();
        let journals: BTreeMap<String, _> = tx
            .journals_of(self.connection.as_str(), &references)?
            .into_iter()
            .map(|journal| (journal.id.clone(), journal))
            .collect();
        let ids: Vec<String> = journals.keys().cloned().collect();
        let last_day = self.closing.month.last_day().to_string();
        let account = Account::DeferredRevenue.to_string();
        let mut deferred = BTreeMap::<String, Deferred>::new();
        for posting in tx.postings_of(&ids)? {
            let Some(journal) = journals.get(&posting.journal_id) else {
                continue;
            };
            let Some(charge) = about.get(&journal.reference) else {
                continue;
            };
            if posting.account != account {
                continue;
            }
            let sums = deferred.entry(charge.clone()).or_default();
            sums.in_all = sums.in_all.saturating_add(posting.amount);
            if journal.booked_on <= last_day {
                sums.by_then = sums.by_then.saturating_add(posting.amount);
            } else {
                sums.changed_at = sums.changed_at.max(journal.occurred_at);
            }
        }
        Ok(deferred)
    }

    fn earn(
        &mut self,
        charge: &mut Charge,
        period: Option<BillingPeriod>,
        deferred: Deferred,
    ) -> Result<(), Failure> {
        let closing = self.closing.month;
        let earned_before = charge
            .earned_through
            .as_deref()
            .map(parse_month)
            .transpose()?;
        charge.earned_through = Some(closing.to_string());
        if charge.booked_as.as_deref() != Some("deferred") {
            charge.unearned = false;
            return Ok(());
        }
        let amount = |minor| money(minor, &charge.currency);
        let recognised = amount(charge.recognised)?;
        let at_first = amount(charge.amount.saturating_sub(charge.booked_vat))?;
        let by_then = amount(deferred.by_then)?;
        let state = Deferral {
            deferred: at_first,
            given_back: at_first.checked_add(by_then)?,
            recognised,
        };
        let earned = state.earned_by(period, earned_before, closing, self.keeping.zone)?;
        let corrected = self.correct(charge, earned, deferred)?;
        charge.recognised = recognised.checked_add(earned)?.minor();
        let left = deferred
            .in_all
            .saturating_add(charge.recognised)
            .saturating_add(corrected);
        charge.unearned = left != 0;
        if !earned.is_zero() {
            let own = (charge.id.clone(), charge.provider_id.clone(), earned);
            let earned = self.earned.entry(charge.currency.clone()).or_default();
            earned.push(own);
        }
        Ok(())
    }

    /// Books what follows from refunds and lost disputes after the month's last day; returns what it
    /// debits deferred revenue.
    fn correct(
        &mut self,
        charge: &Charge,
        earned: Money,
        deferred: Deferred,
    ) -> Result<i64, Failure> {
        let classification = Classification {
            vat: money(charge.booked_vat, &charge.currency)?,
            income: Income::Deferred,
        };
        let standing = standing(charge, classification)?;
        let after = standing.recognised.checked_add(earned)?;
        let month_end = last_instant(self.closing.month, self.keeping.zone)?;
        let occasion = Occasion {
            connection: &self.connection,
            reference: &charge.provider_id,
            occurred_at: time(deferred.changed_at)?.max(next_instant(month_end)),
        };
        let Some(journal) = posting::revenue_given_back(occasion, standing, after)? else {
            return Ok(0);
        };
        let key = EffectKey {
            connection: self.connection.as_str(),
            object: &charge.provider_id,
            effect: &format!("{}/{}", journal.event(), self.closing.number),
        };
        let id = JournalId::from_uuid(self.keeping.clock.uuid());
        let now = self.keeping.clock.now();
        self.journals
            .add(id, &journal, &key, now, self.keeping.zone);
        let of_deferred = journal
            .postings()
            .iter()
            .filter(|posting| posting.account == Account::DeferredRevenue);
        Ok(of_deferred.map(|posting| posting.amount.minor()).sum())
    }

    /// One journal a currency for what was earned. A charge is the first of one in a closing once.
    fn book_earned(&mut self) -> Result<Vec<RecognisedRevenue>, Failure> {
        let Closing { month, number } = self.closing;
        let reference = month.to_string();
        let mut rows = Vec::new();
        for (currency, charges) in &self.earned {
            let mut sum = money(0, currency)?;
            for (_, _, earned) in charges {
                sum = sum.checked_add(*earned)?;
            }
            let Some((_, first, _)) = charges.first() else {
                continue;
            };
            let occasion = Occasion {
                connection: &self.connection,
                reference: &reference,
                occurred_at: last_instant(month, self.keeping.zone)?,
            };
            let journal = posting::revenue_recognised(occasion, sum)?;
            let id = JournalId::from_uuid(self.keeping.clock.uuid());
            let key = EffectKey {
                connection: self.connection.as_str(),
                object: &reference,
                effect: &format!("{}/{number}/{currency}/{first}", journal.event()),
            };
            let now = self.keeping.clock.now();
            self.journals
                .add(id, &journal, &key, now, self.keeping.zone);
            rows.extend(charges.iter().map(|(charge, _, earned)| RecognisedRevenue {
                charge_id: charge.clone(),
                number,
                month: reference.clone(),
                amount: earned.minor(),
                journal_id: id.to_string(),
            }));
        }
        Ok(rows)
    }
}

/// The period that an invoice bills; one that is no period is none.
fn period_of(invoice: &Invoice) -> Option<BillingPeriod> {
    let start = Timestamp::from_micros(invoice.period_start?).ok()?;
    let end = Timestamp::from_micros(invoice.period_end?).ok()?;
    BillingPeriod::new(start, end).ok()
}

fn next_instant(time: Timestamp) -> Timestamp {
    time.saturating_add_micros(1)
}
