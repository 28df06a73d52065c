//! Large books, made row by row and not by processing deliveries: quick to make, and as the service would have
//! written them.

use crate::stage::Stage;
use avstem::app::seal_ledger;
use avstem::store::rows::{Effect, NewJournal, Posting};
use avstem::store::{Store, StoreError, WriteTx};
use avstem_domain::id::JournalId;
use uuid::Uuid;

/// Rows of one kind in one transaction.
pub const BATCH: usize = 5_000;
/// Of the oldest row, 1 January 2025.
const START_US: i64 = 1_735_689_600_000_000;
/// From one row to the next: a million a year.
const STEP_US: i64 = 31_500_000;

/// The same database, on which a commit need not be on disk where that can be had.
pub fn careless(stage: &Stage) -> Store {
    let store = match stage.place.url().strip_prefix("sqlite://") {
        Some(path) => Store::scratch(path),
        None => Store::open(stage.place.url()),
    };
    store.unwrap()
}

pub fn write(store: &Store, rows: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError>) {
    store.write::<_, StoreError>(|tx| rows(tx)).unwrap();
}

/// When the row of a number was made.
pub fn made_at(number: usize) -> i64 {
    START_US + i64::try_from(number).unwrap() * STEP_US
}

/// An id that begins with its time and ends as if by chance, the same each time.
pub fn uuid(number: usize, made_at: i64) -> Uuid {
    let time = u128::try_from(made_at / 1_000).unwrap();
    let chance = u128::from(
        u64::try_from(number)
            .unwrap()
            .wrapping_mul(0x9E37_79B9_7F4A_7C15),
    );
    Uuid::from_u128(time << 80 | 7 << 76 | 2 << 62 | chance >> 2)
}

fn day(made_at: i64) -> String {
    let instant = chrono::DateTime::from_timestamp_micros(made_at).unwrap();
    instant.format("%Y-%m-%d").to_string()
}

/// Rows of the ledger.
#[derive(Default)]
pub struct Booked {
    journals: Vec<NewJournal>,
    postings: Vec<Posting>,
    effects: Vec<Effect>,
}

impl Booked {
    /// A charge of 249.00 SEK, 49.80 of it VAT.
    pub fn charge(&mut self, number: usize, provider_id: &str) {
        let at = made_at(number);
        let id = JournalId::from_uuid(uuid(number, at)).to_string();
        self.journals.push(NewJournal {
            id: id.clone(),
            connection: "stripe".to_owned(),
            event: "charge_succeeded".to_owned(),
            reference: provider_id.to_owned(),
            description: format!("Charge {provider_id} succeeded"),
            booked_on: day(at),
            occurred_at: at,
            recorded_at: at,
        });
        self.effects.push(Effect {
            connection: "stripe".to_owned(),
            object: provider_id.to_owned(),
            effect: "charge_succeeded".to_owned(),
            journal_id: id.clone(),
            recorded_at: at,
        });
        let lines = [
            ("assets:provider:stripe", 24_900),
            ("liabilities:deferred_revenue", -19_920),
            ("liabilities:vat", -4_980),
        ];
        for (line, (account, amount)) in (1..).zip(lines) {
            self.postings.push(Posting {
                journal_id: id.clone(),
                line,
                account: account.to_owned(),
                amount,
                currency: "SEK".to_owned(),
            });
        }
    }

    pub fn add(&self, tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
        tx.add_journals(&self.journals, &self.postings, &self.effects)
    }
}

/// The provider's id of a charge, as random as one is.
pub fn charge_id(number: usize) -> String {
    let mixed = u64::try_from(number)
        .unwrap()
        .wrapping_mul(0xD134_2543_DE82_EF95);
    format!("ch_3{mixed:016x}{number:07x}")
}

/// So many charges in the books, each sealed.
pub fn ledger(stage: &Stage, journals: usize) {
    let store = careless(stage);
    for first in (0..journals).step_by(BATCH) {
        let mut booked = Booked::default();
        for number in first..journals.min(first + BATCH) {
            booked.charge(number, &charge_id(number));
        }
        write(&store, |tx| booked.add(tx));
    }
    drop(store);
    assert_eq!(seal_ledger::seal_now(&stage.app).unwrap(), journals);
}
