//! Lines that agree with the charge that they are about, which nearly all lines do: compared in large pages, of
//! which only what tells them apart is read. Whatever does not agree is left to `lines`, which says why.

use super::super::Failure;
use super::super::progress::Progress;
use super::super::statements::rows;
use super::scope::Scope;
use avstem_domain::matching::pairs_alone;

/// Lines in one transaction.
const PAGE: i64 = 5_000;

/// Pairs them; returns how many there were.
pub fn pair(
    scope: &Scope<'_>,
    connection: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, Failure> {
    let through = scope.through.to_string();
    let mut after = String::new();
    let mut done = 0u64;
    loop {
        let page = scope.app.store.write(|tx| {
            let lines = tx.charge_lines_to_judge(connection, &through, &after, PAGE)?;
            let Some(last) = lines.last().map(|line| line.id.clone()) else {
                return Ok(None);
            };
            let (mut ids, mut by) = (Vec::with_capacity(lines.len()), "");
            for line in &lines {
                if let Some(pass) = pairs_alone(rows::claim_on(line)?, rows::charged(line)?)? {
                    ids.push(line.id.as_str());
                    by = pass;
                }
            }
            tx.match_with_charges(connection, &ids, (by, &scope.id))?;
            Ok::<_, Failure>(Some((last, ids.len())))
        })?;
        let Some((last, paired)) = page else {
            return Ok(done);
        };
        after = last;
        done = done.saturating_add(u64::try_from(paired).unwrap_or(u64::MAX));
        progress(Progress { done, total: None });
    }
}
