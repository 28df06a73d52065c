//! Lines of settlement reports, booked again: what only they tell is in the books as what events tell is.

use super::super::Failure;
use super::super::statements::{members, post_lines};
use super::replay::Replay;
use crate::store::rows::{PayoutPosition, ProviderLine};

/// Lines that are copied in one transaction.
const PAGE: i64 = 500;

impl Replay<'_, '_, '_> {
    /// After everything that events told, for the books end the same whichever came first.
    pub(super) fn book_reports(&mut self) -> Result<(), Failure> {
        let scratch = &self.scratch.app;
        for file in self.live.statement_files_of("settlement")? {
            scratch.store.write(|tx| {
                tx.add_statement_file(&file)?;
                Ok::<_, Failure>(())
            })?;
        }
        let connections: Vec<String> = scratch.config.connections.keys().cloned().collect();
        for connection in connections {
            self.copy_lines(&connection)?;
            post_lines::post(&self.scratch.app, &connection, &mut |_| ())?;
            let positions: Vec<PayoutPosition> = self.live.payout_positions_of(&connection)?;
            for page in positions.chunks(100) {
                members::send_again(&self.scratch.app, &connection, page)?;
            }
        }
        Ok(())
    }

    fn copy_lines(&mut self, connection: &str) -> Result<(), Failure> {
        let mut after = 0;
        loop {
            let mut page: Vec<ProviderLine> = self.live.lines_posted(connection, after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.seq;
            for line in &mut page {
                line.posted = line.role != "movement";
                line.suspense = 0;
                "new".clone_into(&mut line.standing);
            }
            self.scratch.app.store.write(|tx| {
                tx.add_provider_lines(&page)?;
                Ok::<_, Failure>(())
            })?;
        }
    }
}
