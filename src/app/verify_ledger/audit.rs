//! What is checked of each row, without a database. Rows come in the order of the walk.

use super::booked::{Booked, Place, Sealed};
use super::finding::Finding;
use super::form::{SealedForm, excesses, sealed_form};
use super::met::{Later, Sealing, Walked};
use crate::store::bulk::views::{EffectView, JournalView, PostingView};
use crate::store::rows::{ChainHead, DailyBalance, Effect, Seal};
use avstem_domain::ledger::chain::{ChainHash, GENESIS};
use std::collections::BTreeMap;

/// So many findings are kept; all are counted.
pub const FINDINGS_MAX: usize = 1_000;

/// The state of a walk over the ledger, or over a part of it.
pub struct Audit {
    head: Option<ChainHead>,
    previous: ChainHash,
    /// The last seal met, whatever it sealed, and its hash.
    last_seal: Option<LastSeal>,
    last_hash: String,
    booked: Booked,
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

#[derive(Debug, Clone, Copy)]
struct LastSeal {
    seq: i64,
    position: i64,
}

/// Day, account, currency.
type DayAccount = (String, String, String);

impl Audit {
    /// Of the ledger from its beginning.
    pub fn new(head: Option<ChainHead>) -> Self {
        let is_missing = head.is_none();
        let mut audit = Self::after(head, None);
        if is_missing {
            audit.found(Finding::HeadMissing);
        }
        audit
    }

    /// Of the part that follows a seal.
    pub fn after(head: Option<ChainHead>, seal: Option<&Seal>) -> Self {
        let mut audit = Self {
            head,
            previous: GENESIS,
            last_seal: None,
            last_hash: String::new(),
            booked: Booked::default(),
            counts: Counts::default(),
            findings: Vec::new(),
            findings_total: 0,
        };
        if let Some(seal) = seal {
            // Whether it can be read is found where it is met.
            audit.previous = ChainHash::parse(&seal.hash).unwrap_or(GENESIS);
            audit.last(seal);
        }
        audit
    }

    /// What was booked since this was asked last.
    pub fn take_booked(&mut self) -> Booked {
        std::mem::take(&mut self.booked)
    }

    /// Goes on where another audit, which began where this one is, has come to. What it booked is added apart.
    pub fn join(&mut self, later: Self) {
        let counts = &mut self.counts;
        counts.journals = counts.journals.saturating_add(later.counts.journals);
        counts.postings = counts.postings.saturating_add(later.counts.postings);
        counts.effects = counts.effects.saturating_add(later.counts.effects);
        counts.sealed = counts.sealed.saturating_add(later.counts.sealed);
        self.previous = later.previous;
        self.last_seal = later.last_seal;
        self.last_hash = later.last_hash;
        let unlisted = later
            .findings_total
            .saturating_sub(later.findings.len().try_into().unwrap_or(u64::MAX));
        for finding in later.findings {
            self.found(finding);
        }
        self.findings_total = self.findings_total.saturating_add(unlisted);
    }

    pub fn add_booked(&mut self, booked: &Booked) {
        self.booked.add(booked);
    }

    pub fn found(&mut self, finding: Finding) {
        self.findings_total = self.findings_total.saturating_add(1);
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }

    /// The next journal.
    pub fn journal(&mut self, walked: &Walked<'_>) {
        let Walked {
            journal,
            lines,
            effects,
            sealing,
        } = walked;
        self.counts.journals = self.counts.journals.saturating_add(1);
        self.counts.postings = add_len(self.counts.postings, lines.len());
        self.counts.effects = add_len(self.counts.effects, effects.len());
        let (day_number, day) = self.booked.day(journal.booked_on);
        self.booked.journal(day_number, lines.len());
        let form = sealed_form(journal, day, lines);
        if let Err(problem) = &form {
            self.found(Finding::UnreadableJournal {
                journal: journal.id.to_owned(),
                problem: problem.clone(),
            });
        }
        let places = self.lines(journal, day_number, lines);
        match effects.as_slice() {
            [] => self.found(Finding::JournalWithoutEffect {
                journal: journal.id.to_owned(),
            }),
            [effect] => self.effect(journal, effect),
            several => self.found(Finding::SeveralEffects {
                journal: journal.id.to_owned(),
                effects: several.len(),
            }),
        }
        let sealed = match sealing {
            Sealing::By(seal) => {
                self.sealed(seal, journal, form.ok().as_ref());
                Sealed::Yes
            }
            Sealing::None(later) => {
                self.unsealed(journal, *later);
                Sealed::No
            }
        };
        for (line, place) in lines.iter().zip(places) {
            self.booked.posting(place, line.amount, sealed);
        }
    }

    /// The postings, by themselves and together; returns where they are booked.
    fn lines(
        &mut self,
        journal: &JournalView<'_>,
        day: usize,
        lines: &[PostingView<'_>],
    ) -> Vec<Place> {
        let id = || journal.id.to_owned();
        if lines.len() < 2 {
            self.found(Finding::TooFewPostings {
                journal: id(),
                postings: lines.len(),
            });
        }
        for (currency, excess) in excesses(lines) {
            self.found(Finding::Unbalanced {
                journal: id(),
                currency,
                excess,
            });
        }
        let mut places = Vec::with_capacity(lines.len());
        for posting in lines {
            let placed = self.booked.place(day, posting.account, posting.currency);
            if let Some(problem) = placed.account {
                self.found(Finding::UnknownAccount {
                    journal: id(),
                    line: posting.line,
                    problem,
                });
            }
            if let Some(problem) = placed.currency {
                self.found(Finding::UnknownCurrency {
                    journal: id(),
                    line: posting.line,
                    problem,
                });
            }
            places.push(placed.place);
        }
        places
    }

    /// A journal repeats what its effect says, so that neither can be pointed at another in silence.
    fn effect(&mut self, journal: &JournalView<'_>, effect: &EffectView<'_>) {
        // Effects that can happen again have a number: `charge_reclassified/2`.
        let kind = effect.effect.split('/').next().unwrap_or_default();
        let pairs = [
            ("connection", journal.connection, effect.connection),
            ("object", journal.reference, effect.object),
            ("event", journal.event, kind),
        ];
        for (what, of_journal, of_effect) in pairs {
            if of_journal != of_effect {
                self.found(Finding::EffectDiffers {
                    journal: journal.id.to_owned(),
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
    fn sealed(&mut self, seal: &Seal, journal: &JournalView<'_>, form: Option<&SealedForm<'_>>) {
        self.counts.sealed = self.counts.sealed.saturating_add(1);
        let before = self.previous;
        let stored = self.seal(seal);
        if seal.journal_id != journal.id {
            self.found(Finding::SealOfAnother {
                seq: seal.seq,
                sealed: seal.journal_id.clone(),
                found: journal.id.to_owned(),
            });
        }
        let differs = match u64::try_from(seal.seq) {
            // What cannot be read cannot be hashed; that it cannot was found when the journal was looked at.
            Ok(seq) => form
                .zip(stored)
                .is_some_and(|(form, stored)| stored != form.link(before, seq)),
            Err(_) => true,
        };
        if differs {
            self.found(Finding::HashDiffers {
                seq: seal.seq,
                journal: journal.id.to_owned(),
            });
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
    fn unsealed(&mut self, journal: &JournalView<'_>, later: Later) {
        let behind_head = self
            .head
            .as_ref()
            .is_some_and(|head| journal.position <= head.position);
        if behind_head || later == Later::Sealed {
            self.found(Finding::NotSealed {
                journal: journal.id.to_owned(),
                position: journal.position,
            });
        }
    }

    /// The seal's place in the chain, and the hash that it has. The stored hash goes on as the previous one, so
    /// that one change is found where it is and not in every later seal.
    fn seal(&mut self, seal: &Seal) -> Option<ChainHash> {
        let last = self.last_seal;
        let expected = last.map_or(1, |last| last.seq.saturating_add(1));
        if seal.seq != expected {
            self.found(Finding::SealsBroken {
                expected,
                found: seal.seq,
            });
        }
        if last.is_some_and(|last| seal.position <= last.position) {
            self.found(Finding::SealOutOfOrder {
                seq: seal.seq,
                position: seal.position,
            });
        }
        let stored = ChainHash::parse(&seal.hash);
        match stored {
            Some(hash) => self.previous = hash,
            None => self.found(Finding::UnreadableSeal { seq: seal.seq }),
        }
        self.last(seal);
        stored
    }

    fn last(&mut self, seal: &Seal) {
        self.last_seal = Some(LastSeal {
            seq: seal.seq,
            position: seal.position,
        });
        self.last_hash.clone_from(&seal.hash);
    }

    /// After the walk: the head says what the seals say.
    pub fn head(&mut self) {
        let Some(head) = self.head.clone() else {
            return;
        };
        let (position, hash) = self.last_seal.map_or_else(
            || (0, GENESIS.to_string()),
            |seal| (seal.position, self.last_hash.clone()),
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
        let mut sums = BTreeMap::<DayAccount, i128>::new();
        for line in self.booked.lines() {
            let names = [line.day, line.account, line.currency].map(str::to_owned);
            sums.insert(names.into(), line.sum.sealed);
        }
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

fn add_len(count: u64, more: usize) -> u64 {
    count.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
}
