//! What each row of the world is, by its number alone: the same size makes the same world.

/// Rows of one payout.
pub const OF_A_PAYOUT: u64 = 400;
/// One row in so many does not agree.
const DISAGREES: u64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Agrees,
    /// The report names another amount than the books.
    OtherAmount,
    /// No event told of the charge.
    NotInBooks,
    /// No report tells of the charge.
    NotInReport,
    /// The report moves its money twice.
    Twice,
}

pub const fn standing(row: u64) -> Standing {
    if row % DISAGREES != DISAGREES / 2 {
        return Standing::Agrees;
    }
    match row / DISAGREES % 4 {
        0 => Standing::OtherAmount,
        1 => Standing::NotInBooks,
        2 => Standing::NotInReport,
        _ => Standing::Twice,
    }
}

/// In öre.
pub const fn amount(row: u64) -> u64 {
    5_000 + row.wrapping_mul(7_919) % 495_000
}

pub const fn fee(row: u64) -> u64 {
    amount(row) * 14 / 1_000 + 180
}

/// Seconds since 1970: spread over October 2026, in the order of the rows.
pub const fn at(row: u64, rows: u64) -> i64 {
    const OCTOBER: i64 = 1_790_812_800;
    let span = 29 * 86_400;
    OCTOBER + (row * span / rows).cast_signed()
}

pub fn charge(row: u64) -> String {
    format!("ch_1Gnrt{row:016}")
}

pub fn payout(row: u64) -> u64 {
    row / OF_A_PAYOUT
}

pub fn major(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
