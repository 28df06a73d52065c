//! Books the lines of reports that are not booked yet, a page at a time.

use super::super::books::Books;
use super::super::progress::Progress;
use super::super::{App, Failure};
use super::post_agreeing;

/// Lines in one transaction.
const PAGE: i64 = 500;

/// Books every line of a connection that counts; returns how many there were.
pub fn post(
    app: &App,
    connection: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, Failure> {
    let mut posted = 0u64;
    let mut told = |lines: usize| {
        posted = posted.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        progress(Progress {
            done: posted,
            total: None,
        });
    };
    post_agreeing::post(app, connection, &mut told)?;
    loop {
        let page = app.store.write(|tx| {
            let lines = tx.lines_to_post(connection, PAGE)?;
            let page = lines.len();
            if page > 0 {
                Books::of_lines(tx, app.keeping(), connection, lines)?.close(tx)?;
            }
            Ok::<_, Failure>(page)
        })?;
        if page == 0 {
            return Ok(posted);
        }
        told(page);
    }
}
