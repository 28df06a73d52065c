//! What is SQLite's alone: its log is moved to the file by another than who commits, and it is built as it should be.

use crate::store_reconciliation::file;
use crate::store_tables::write;
use crate::world::World;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel::sqlite::SqliteConnection;
use std::time::Duration;

/// In pages of 4 KiB.
#[derive(Debug, QueryableByName)]
struct Moved {
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

fn moved(connection: &mut SqliteConnection) -> Moved {
    diesel::sql_query("PRAGMA wal_checkpoint(NOOP)")
        .get_result(connection)
        .unwrap()
}

#[test]
fn a_log_too_short_for_commits_to_move_is_moved_all_the_same() {
    const PIECES: i64 = 12;
    const PIECE_BYTES: usize = 1024 * 1024;
    /// Without the last few, which may still be in the log.
    const ALL_BYTES: u64 = 9 * 1024 * 1024;
    let world = World::sqlite();
    let path = world.url.strip_prefix("sqlite://").unwrap();
    let mut connection = SqliteConnection::establish(path).unwrap();
    write(&world, |tx| {
        Ok(tx.add_statement_file(&file("1", "received"))?)
    });
    for position in 0..PIECES {
        write(&world, |tx| {
            Ok(tx.add_file_piece("1", position, &vec![7; PIECE_BYTES])?)
        });
    }
    let mut looks = 0;
    loop {
        let now = moved(&mut connection);
        assert!(now.log < 8_192, "a commit would move it: {now:?}");
        let in_file = std::fs::metadata(path).unwrap().len();
        if now.log - now.checkpointed < 512 && in_file > ALL_BYTES {
            break;
        }
        looks += 1;
        assert!(looks < 1_500, "{now:?} {in_file}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_log_that_is_used_has_its_whole_length_at_once_and_what_filled_it_is_gone() {
    /// More than what is worth to be moved: 512 pages of 4 KiB.
    const BYTES: usize = 4 * 1024 * 1024;
    const WHOLE: u64 = 8_192 * 4_096;
    let world = World::sqlite();
    let log = format!("{}-wal", world.url.strip_prefix("sqlite://").unwrap());
    let length = || std::fs::metadata(&log).unwrap().len();
    write(&world, |tx| {
        Ok(tx.add_statement_file(&file("1", "received"))?)
    });
    assert!(length() < WHOLE / 8, "{}", length());
    write(&world, |tx| {
        Ok(tx.add_file_piece("1", 0, &vec![7; BYTES])?)
    });
    let mut looks = 0;
    while length() < WHOLE {
        // The checkpointer looks when something was committed.
        looks += 1;
        assert!(looks < 1_500, "{}", length());
        std::thread::sleep(Duration::from_millis(20));
    }
    let left = "SELECT CAST(count(*) AS TEXT) AS line FROM sqlite_schema WHERE name = 'filling'";
    assert_eq!(world.lines(left), ["0"]);
    let kept = "SELECT CAST(sum(length(bytes)) AS TEXT) AS line FROM file_pieces";
    assert_eq!(world.lines(kept), [BYTES.to_string()]);
    assert_eq!(
        world.lines("SELECT integrity_check AS line FROM pragma_integrity_check"),
        ["ok"]
    );
}

/// As `.cargo/config.toml` has it built: otherwise each statement with a bound LIMIT is planned whenever it runs.
#[test]
fn a_statement_is_planned_once_whatever_is_bound_to_it() {
    let used = "SELECT CAST(sqlite_compileoption_used('ENABLE_QPSG') AS TEXT) AS line";
    assert_eq!(World::sqlite().lines(used), ["1"]);
}
