//! What is checked of each row, without a database. Rows come in the order of the walk.

use super::finding::Finding;
use crate::store::rows::{ChainHead, DailyBalance, Effect, Journal, Posting, Seal};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::account::Account;
use avstem_domain::ledger::chain::{self, ChainHash, GENESIS, SealedJournal, SealedPosting};
use avstem_domain::money::Currency;
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// So many findings are kept; all are counted.
pub const FINDINGS_MAX: usize = 1_000;

/// The state of a walk over the ledger.
pub struct Audit {
    head: Option<ChainHead>,
    previous: ChainHash,
    /// The last seal met, whatever it sealed.
    last_seal: Option<Seal>,
    sums: BTreeMap<DayAccount, i128>,
    pub counts: Counts,
    pub findings: Vec<Finding>,
    pub findings_total: u64,
}

/// What was looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub journals: u64,
    pub postings: u64,
    pub effects: u64,
    pub sealed: u64,
}

/// Day, account, currency.
type DayAccount = (String, String, String);

impl Audit {
    pub fn new(head: Option<ChainHead>) -> Self {
        let mut audit = Self {
            head,
            previous: GENESIS,
            last_seal: None,
            sums: BTreeMap::new(),
            counts: Counts::default(),
            findings: Vec::new(),
            findings_total: 0,
        };
        if audit.head.is_none() {
            audit.found(Finding::HeadMissing);
        }
        audit
    }

    pub fn found(&mut self, finding: Finding) {
        self.findings_total = self.findings_total.saturating_add(1);
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }

    /// A journal by itself; `lines` are all its postings, `effects` all that name it.
    pub fn journal(&mut self, journal: &Journal, lines: &[Posting], effects: &[Effect]) {
        self.counts.journals = self.counts.journals.saturating_add(1);
        self.counts.postings = add_len(self.counts.postings, lines.len());
        self.counts.effects = add_len(self.counts.effects, effects.len());
        let id = || journal.id.clone();
        if let Err(problem) = sealed_form(journal, lines) {
            self.found(Finding::UnreadableJournal {
                journal: id(),
                problem,
            });
        }
        if lines.len() < 2 {
            self.found(Finding::TooFewPostings {
                journal: id(),
                postings: lines.len(),
            });
        }
        for (currency, excess) in sums_by_currency(lines) {
            if excess != 0 {
                self.found(Finding::Unbalanced {
                    journal: id(),
                    currency,
                    excess,
                });
            }
        }
        for posting in lines {
            if let Err(problem) = Account::parse(&posting.account) {
                self.found(Finding::UnknownAccount {
                    journal: id(),
                    line: posting.line,
                    problem,
                });
            }
            if let Err(problem) = Currency::parse(&posting.currency) {
                self.found(Finding::UnknownCurrency {
                    journal: id(),
                    line: posting.line,
                    problem,
                });
            }
        }
        match effects {
            [] => self.found(Finding::JournalWithoutEffect { journal: id() }),
            [effect] => self.effect(journal, effect),
            several => self.found(Finding::SeveralEffects {
                journal: id(),
                effects: several.len(),
            }),
        }
    }

    /// A journal repeats what its effect says, so that neither can be pointed at another in silence.
    fn effect(&mut self, journal: &Journal, effect: &Effect) {
        // Effects that can happen again have a number: `charge_reclassified/2`.
        let kind = effect.effect.split('/').next().unwrap_or_default();
        let pairs = [
            (
                "connection",
                journal.connection.as_str(),
                effect.connection.as_str(),
            ),
            ("object", journal.reference.as_str(), effect.object.as_str()),
            ("event", journal.event.as_str(), kind),
        ];
        for (what, of_journal, of_effect) in pairs {
            if of_journal != of_effect {
                self.found(Finding::EffectDiffers {
                    journal: journal.id.clone(),
                    what,
                    of_journal: of_journal.to_owned(),
                    of_effect: of_effect.to_owned(),
                });
            }
        }
    }

    pub fn effect_without_journal(&mut self, effect: Effect) {
        self.counts.effects = self.counts.effects.saturating_add(1);
        let Effect {
            connection,
            object,
            effect,
            journal_id,
            ..
        } = effect;
        self.found(Finding::EffectWithoutJournal {
            connection,
            object,
            effect,
            journal: journal_id,
        });
    }

    /// A seal and the journal at its position.
    pub fn sealed(&mut self, seal: &Seal, journal: &Journal, lines: &[Posting]) {
        self.counts.sealed = self.counts.sealed.saturating_add(1);
        let before = self.previous;
        self.seal(seal);
        if seal.journal_id != journal.id {
            self.found(Finding::SealOfAnother {
                seq: seal.seq,
                sealed: seal.journal_id.clone(),
                found: journal.id.clone(),
            });
        }
        self.add_to_sums(journal, lines);
        let differs = Finding::HashDiffers {
            seq: seal.seq,
            journal: journal.id.clone(),
        };
        let Ok(seq) = u64::try_from(seal.seq) else {
            return self.found(differs);
        };
        // What cannot be read cannot be hashed; that it cannot was found when the journal was looked at.
        if let Ok(computed) = sealed_form(journal, lines).map(|form| form.link(before, seq))
            && ChainHash::parse(&seal.hash).is_some_and(|stored| stored != computed)
        {
            self.found(differs);
        }
    }

    /// A seal whose journal is gone.
    pub fn seal_without_journal(&mut self, seal: &Seal) {
        self.counts.sealed = self.counts.sealed.saturating_add(1);
        self.seal(seal);
        self.found(Finding::SealedJournalMissing {
            seq: seal.seq,
            journal: seal.journal_id.clone(),
        });
    }

    /// A journal without a seal, which is well only after the last one that has a seal.
    pub fn unsealed(&mut self, journal: &Journal, later: Later) {
        let behind_head = self
            .head
            .as_ref()
            .is_some_and(|head| journal.position <= head.position);
        if behind_head || later == Later::Sealed {
            self.found(Finding::NotSealed {
                journal: journal.id.clone(),
                position: journal.position,
            });
        }
    }

    /// The seal's place in the chain. The stored hash goes on as the previous one, so that one change
    /// is found where it is and not in every later seal.
    fn seal(&mut self, seal: &Seal) {
        let last = self
            .last_seal
            .as_ref()
            .map(|last| (last.seq, last.position));
        let expected = last.map_or(1, |(seq, _)| seq.saturating_add(1));
        if seal.seq != expected {
            self.found(Finding::SealsBroken {
                expected,
                found: seal.seq,
            });
        }
        if last.is_some_and(|(_, position)| seal.position <= position) {
            self.found(Finding::SealOutOfOrder {
                seq: seal.seq,
                position: seal.position,
            });
        }
        match ChainHash::parse(&seal.hash) {
            Some(hash) => self.previous = hash,
            None => self.found(Finding::UnreadableSeal { seq: seal.seq }),
        }
        self.last_seal = Some(seal.clone());
    }

    /// The last link of the chain that was met, and its number.
    pub fn last_link(&self) -> Option<(i64, &str)> {
        let last = self.last_seal.as_ref()?;
        Some((last.seq, &last.hash))
    }

    fn add_to_sums(&mut self, journal: &Journal, lines: &[Posting]) {
        for posting in lines {
            let key = (
                journal.booked_on.clone(),
                posting.account.clone(),
                posting.currency.clone(),
            );
            let sum = self.sums.entry(key).or_default();
            *sum = sum.saturating_add(i128::from(posting.amount));
        }
    }

    /// After the walk: the head says what the seals say.
    pub fn head(&mut self) {
        let Some(head) = self.head.clone() else {
            return;
        };
        let (position, hash) = self.last_seal.as_ref().map_or_else(
            || (0, GENESIS.to_string()),
            |seal| (seal.position, seal.hash.clone()),
        );
        let count = self.counts.sealed;
        let pairs = [
            ("count", head.count.to_string(), count.to_string()),
            ("position", head.position.to_string(), position.to_string()),
            ("hash", head.hash, hash),
        ];
        for (what, head, seals) in pairs {
            if head != seals {
                self.found(Finding::HeadDiffers { what, head, seals });
            }
        }
    }

    /// After the walk: the cached sums are the sums of what was sealed. No row is the same as zero.
    pub fn balances(&mut self, cached: Vec<DailyBalance>) {
        let mut sums = std::mem::take(&mut self.sums);
        for row in cached {
            let key = (row.booked_on, row.account, row.currency);
            let summed = sums.remove(&key).unwrap_or_default();
            self.balance(key, row.amount, summed);
        }
        for (key, summed) in sums {
            self.balance(key, 0, summed);
        }
    }

    fn balance(&mut self, (booked_on, account, currency): DayAccount, cached: i64, summed: i128) {
        if i128::from(cached) != summed {
            self.found(Finding::BalanceDiffers {
                booked_on,
                account,
                currency,
                cached,
                summed,
            });
        }
    }
}

/// Whether a later journal has a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    Sealed,
    NotSealed,
}

/// A journal as the chain hashes it.
struct SealedForm<'a> {
    journal: &'a Journal,
    id: JournalId,
    booked_on: NaiveDate,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    postings: Vec<SealedPosting<'a>>,
}

impl SealedForm<'_> {
    fn link(&self, previous: ChainHash, seq: u64) -> ChainHash {
        let sealed = SealedJournal {
            id: self.id,
            event: &self.journal.event,
            reference: &self.journal.reference,
            description: &self.journal.description,
            occurred_at: self.occurred_at,
            booked_on: self.booked_on,
            recorded_at: self.recorded_at,
            postings: &self.postings,
        };
        chain::link(previous, seq, &sealed)
    }
}

fn sealed_form<'a>(journal: &'a Journal, lines: &'a [Posting]) -> Result<SealedForm<'a>, String> {
    let id = JournalId::parse(&journal.id).map_err(|e| e.to_string())?;
    // The chain hashes what was read, so a text that reads as the same must be the same.
    if id.to_string() != journal.id {
        return Err(format!("its id is not written as {id}"));
    }
    let booked_on = NaiveDate::parse_from_str(&journal.booked_on, "%Y-%m-%d")
        .ok()
        .filter(|day| day.to_string() == journal.booked_on)
        .ok_or_else(|| format!("{:?} is no day", journal.booked_on))?;
    let time =
        |what: &str, micros| Timestamp::from_micros(micros).map_err(|e| format!("{what} is {e}"));
    Ok(SealedForm {
        journal,
        id,
        booked_on,
        occurred_at: time("occurred_at", journal.occurred_at)?,
        recorded_at: time("recorded_at", journal.recorded_at)?,
        postings: lines
            .iter()
            .map(|line| SealedPosting {
                account: &line.account,
                amount: line.amount,
                currency: &line.currency,
            })
            .collect(),
    })
}

fn sums_by_currency(lines: &[Posting]) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::<String, i128>::new();
    for posting in lines {
        let sum = sums.entry(posting.currency.clone()).or_default();
        *sum = sum.saturating_add(i128::from(posting.amount));
    }
    sums
}

fn add_len(count: u64, more: usize) -> u64 {
    count.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
}
