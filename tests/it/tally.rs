//! How much was tried, for the summary of `scripts/test`, which a passing test says nothing of by itself.

use std::fs::OpenOptions;
use std::io::Write;

/// What a test tries by the dozen.
#[derive(Debug, Clone, Copy)]
pub enum Tried {
    /// A process that dies at one step, and another that goes on.
    Seams,
    /// Two processes that die one after the other, each at one step.
    Pairs,
    /// One answer, or none, that the provider gives to one call.
    Answers,
    /// Something that happens in between: at the provider, in another process, or in many at once.
    Races,
}

impl Tried {
    /// As `scripts/test` knows it.
    const fn word(self) -> &'static str {
        match self {
            Self::Seams => "seams",
            Self::Pairs => "pairs",
            Self::Answers => "answers",
            Self::Races => "races",
        }
    }
}

/// Counts `times` more of `what` as tried on the database of that URL (a world's, or one that the
/// program is served over). To be called once it is known that all of them ended well: what failed
/// was not survived. Each call counts, so a loop may call it in every round or once behind its end.
///
/// `scripts/test` names a file in `AVSTEM_TEST_TALLY` and sums up its lines, such as `SQLite pairs 42`.
/// Without it, as under plain `cargo test`, nobody counts.
#[expect(
    clippy::disallowed_methods,
    reason = "where the tests count is no setting of the service"
)]
pub fn tried(database_url: &str, what: Tried, times: usize) {
    let Some(path) = std::env::var_os("AVSTEM_TEST_TALLY") else {
        return;
    };
    let database = if database_url.starts_with("postgres") {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let line = format!("{database} {} {times}\n", what.word());
    // Tests run side by side, in several processes too: one write each, at the end of the file.
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(line.as_bytes()).unwrap();
}
