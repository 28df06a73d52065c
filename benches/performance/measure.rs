//! How long something takes, and the table that says so. Whole numbers throughout, as in all of the
//! project: nanoseconds, and shares in tenths of a per cent.

use std::process::Command;
use std::time::{Duration, Instant};

/// Rounds of each measurement, an odd number; the tables show the middle one.
const ROUNDS: usize = 5;

#[expect(
    clippy::disallowed_methods,
    reason = "what is measured here is this machine's time, not the service's"
)]
pub fn now() -> Instant {
    Instant::now()
}

pub fn timed<R>(work: impl FnOnce() -> R) -> (Duration, R) {
    let start = now();
    let result = work();
    (start.elapsed(), result)
}

/// Has the disk take all that the machine has not written yet. Otherwise Linux writes what one part left, half a minute later,
/// while another is measured, whose every sync waits for it.
pub fn settle_disk() {
    let synced = Command::new("sync").status();
    assert!(synced.is_ok_and(|status| status.success()), "`sync` failed");
}

/// Does each of some works once in every round, so that whatever else the machine does meets all of them
/// alike, and returns the middle result of each, by the time that it took.
pub fn alternately<T>(works: &[impl Fn() -> T], took: impl Fn(&T) -> Duration) -> Vec<T> {
    let mut results: Vec<Vec<T>> = works.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (work, results) in works.iter().zip(&mut results) {
            results.push(work());
        }
    }
    let middle = |mut results: Vec<T>| {
        results.sort_by_key(&took);
        results.swap_remove(ROUNDS / 2)
    };
    results.into_iter().map(middle).collect()
}

/// The same where the time is all there is.
pub fn times(works: &[Box<dyn Fn() + '_>]) -> Vec<Duration> {
    let timing: Vec<_> = works.iter().map(|work| move || timed(work).0).collect();
    alternately(&timing, |took| *took)
}

/// How many a second. A time too short to be measured counts as a nanosecond.
pub fn per_second(count: usize, took: Duration) -> u128 {
    u128::try_from(count).unwrap() * 1_000_000_000 / took.as_nanos().max(1)
}

/// Nanoseconds for each.
pub fn each(count: usize, took: Duration) -> u128 {
    took.as_nanos() / u128::try_from(count).unwrap().max(1)
}

/// `part` in per cent of `whole`, such as `52.3 %`.
pub fn share(part: u128, whole: u128) -> String {
    let tenths = part * 1_000 / whole.max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// With a comma between thousands.
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place != 0 && place % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A title, a head and rows; the first column is what was measured, the others are numbers.
pub struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(title: &str, head: &[&str]) -> Self {
        let head = head.iter().map(|&name| name.to_owned()).collect();
        Self {
            title: title.to_owned(),
            rows: vec![head],
        }
    }

    pub fn row(&mut self, cells: &[&str]) {
        assert_eq!(cells.len(), self.rows[0].len(), "{cells:?}");
        self.rows
            .push(cells.iter().map(|&cell| cell.to_owned()).collect());
    }

    pub fn print(&self) {
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        };
        println!("\n{}", self.title);
        for row in &self.rows {
            let mut line = format!("  {:<1$}", row[0], width(0));
            for (column, cell) in row.iter().enumerate().skip(1) {
                line.push_str(&format!("  {cell:>0$}", width(column)));
            }
            println!("{}", line.trim_end());
        }
    }
}
