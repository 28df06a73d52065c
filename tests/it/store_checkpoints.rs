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
    let world = World::sqlite();
    let path = world.url.strip_prefix("sqlite://").unwrap();
    let mut connection = SqliteConnection::establish(path).unwrap();
    let before = moved(&mut connection);
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
        // Longer than what it leaves, and shorter than what a commit would move.
        assert!((3_000..8_192).contains(&now.log), "{before:?} {now:?}");
        if now.log - now.checkpointed < 512 {
            break;
        }
        looks += 1;
        assert!(looks < 1_500, "{now:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// As `.cargo/config.toml` has it built: otherwise each statement with a bound LIMIT is planned whenever it runs.
#[test]
fn a_statement_is_planned_once_whatever_is_bound_to_it() {
    let used = "SELECT CAST(sqlite_compileoption_used('ENABLE_QPSG') AS TEXT) AS line";
    assert_eq!(World::sqlite().lines(used), ["1"]);
}
