//! How much waits, and since when: asked each time the metrics are read. The same statements for both
//! databases; a test looks at the plan of each.
//!
//! Every question is answered from an index and reads at most as many rows or entries as it is told,
//! however large its table has grown. (Where nearly all rows are in a state, PostgreSQL may read the
//! table itself, and stops there too.)

/// Rows of `$table` in a state, and the instant `$at` of the one with the smallest id, which is the
/// oldest: ids grow with time. Both are read from the table's index over `(state, id)`.
macro_rules! in_state {
    ($table:literal, $at:literal) => {
        concat!(
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM ",
            $table,
            " WHERE state = $1 LIMIT $2) AS counted) AS count, (SELECT ",
            $at,
            " FROM ",
            $table,
            " WHERE state = $1 ORDER BY id LIMIT 1) AS first"
        )
    };
}

/// From `events_open`, which has the instant too; it is used only where its condition is said.
pub const EVENTS: &str = "SELECT count(*) AS count, min(received_at) AS first FROM (SELECT received_at FROM unprocessed_events WHERE state = $1 AND state NOT IN ('processed', 'ignored') LIMIT $2) AS counted";
pub const REFUNDS: &str = in_state!("refunds", "created_at");
pub const CANCELLATIONS: &str = in_state!("cancellations", "received_at");
/// Only letters that wait are due at all; the index holds no others.
pub const MAILS: &str = "SELECT (SELECT count(*) FROM (SELECT 1 FROM mails WHERE due_at IS NOT NULL LIMIT $1) AS counted) AS count, (SELECT due_at FROM mails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1) AS first";
pub const JOURNALS: &str = "SELECT (SELECT count(*) FROM (SELECT 1 FROM journals WHERE position > $1 LIMIT $2) AS counted) AS count, (SELECT recorded_at FROM journals WHERE position > $1 ORDER BY position LIMIT 1) AS first";
