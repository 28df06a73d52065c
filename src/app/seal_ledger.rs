//! Chains new journals in batches, one sealer at a time by lease, and keeps the cached balances. Deliveries are booked
//! meanwhile, and nothing else is written.

use super::books::time;
use super::{App, Failure, lane};
use crate::store::rows::{ChainHead, DailyBalance, Journal, Posting, Seal};
use crate::store::{Lanes, Turn, WriteTx};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::chain::{ChainHash, SealedJournal, SealedPosting, link};
use std::collections::BTreeMap;

/// Journals in one transaction.
const BATCH_MAX: usize = 1000;
/// How long a sealer that died keeps others from taking over.
const LEASE_S: i64 = 30;

/// Seals everything that is written by now; returns how many journals that were. `holder` names this
/// process: another one's lease is respected, and so is one that seals just now.
pub fn seal(app: &App, holder: &str) -> Result<usize, Failure> {
    let mut total = 0;
    loop {
        let sealed = app.store.write_claimed(
            Turn::Lanes(Lanes::one(lane::OF_SEALING)),
            |_| Ok::<_, Failure>(Some(())),
            |tx, ()| {
                let now = app.clock.now();
                let until = now.saturating_add_seconds(LEASE_S).as_micros();
                if !tx.take_lease("sealer", holder, now.as_micros(), until)? {
                    return Ok(0);
                }
                seal_batch(tx, now.as_micros())
            },
        )?;
        // Nothing where another one seals just now.
        let sealed = sealed.unwrap_or_default();
        total += sealed;
        if sealed < BATCH_MAX {
            return Ok(total);
        }
    }
}

/// The same at once, whoever holds the lease: the lease saves work, and that one seals alone keeps the chain.
pub fn seal_now(app: &App) -> Result<usize, Failure> {
    let mut total = 0;
    loop {
        let now = app.clock.now().as_micros();
        let sealed = app.store.write(|tx| seal_batch(tx, now))?;
        total += sealed;
        if sealed < BATCH_MAX {
            return Ok(total);
        }
    }
}

fn seal_batch(tx: &mut WriteTx<'_>, now: i64) -> Result<usize, Failure> {
    let mut head = tx.chain_head()?;
    let journals = tx.journals_after(head.position, BATCH_MAX.try_into().unwrap_or(i64::MAX))?;
    if journals.is_empty() {
        return Ok(0);
    }
    let ids: Vec<String> = journals.iter().map(|journal| journal.id.clone()).collect();
    let mut postings: BTreeMap<String, Vec<Posting>> = BTreeMap::new();
    for posting in tx.postings_of(&ids)? {
        postings
            .entry(posting.journal_id.clone())
            .or_default()
            .push(posting);
    }
    let mut seals = Vec::with_capacity(journals.len());
    let mut balances = BTreeMap::new();
    for journal in &journals {
        let lines = postings.get(&journal.id).map_or(&[][..], Vec::as_slice);
        let seal = next_seal(&head, journal, lines)?;
        head = ChainHead {
            id: 1,
            count: seal.seq,
            position: seal.position,
            hash: seal.hash.clone(),
            sealed_at: now,
        };
        seals.push(seal);
        add_to_balances(&mut balances, journal, lines)?;
    }
    let balances: Vec<DailyBalance> = balances
        .into_iter()
        .map(|((booked_on, account, currency), amount)| DailyBalance {
            booked_on,
            account,
            currency,
            amount,
        })
        .collect();
    tx.add_seals(&seals, &head, &balances)?;
    Ok(seals.len())
}

/// The link of `journal` after the chain's `head`.
pub fn next_seal(
    head: &ChainHead,
    journal: &Journal,
    postings: &[Posting],
) -> Result<Seal, Failure> {
    let previous = ChainHash::parse(&head.hash).ok_or_else(|| {
        Failure::Unreadable("the chain's head is not a hash; run `avstem verify`".to_owned())
    })?;
    let seq = head
        .count
        .checked_add(1)
        .ok_or_else(|| Failure::Unreadable("the chain is full".to_owned()))?;
    let lines: Vec<SealedPosting<'_>> = postings
        .iter()
        .map(|line| SealedPosting {
            account: &line.account,
            amount: line.amount,
            currency: &line.currency,
        })
        .collect();
    let sealed = SealedJournal {
        id: JournalId::parse(&journal.id).map_err(|e| Failure::unreadable("journal id", e))?,
        event: &journal.event,
        reference: &journal.reference,
        description: &journal.description,
        occurred_at: time(journal.occurred_at)?,
        booked_on: journal
            .booked_on
            .parse()
            .map_err(|e| Failure::unreadable("journal's day", e))?,
        recorded_at: time(journal.recorded_at)?,
        postings: &lines,
    };
    let number = u64::try_from(seq).map_err(|e| Failure::unreadable("chain count", e))?;
    Ok(Seal {
        seq,
        position: journal.position,
        journal_id: journal.id.clone(),
        hash: link(previous, number, &sealed).to_string(),
    })
}

fn add_to_balances(
    balances: &mut BTreeMap<(String, String, String), i64>,
    journal: &Journal,
    postings: &[Posting],
) -> Result<(), Failure> {
    for line in postings {
        let key = (
            journal.booked_on.clone(),
            line.account.clone(),
            line.currency.clone(),
        );
        let sum = balances.entry(key).or_insert(0);
        *sum = sum
            .checked_add(line.amount)
            .ok_or(avstem_domain::money::MoneyError::Overflow)?;
    }
    Ok(())
}
