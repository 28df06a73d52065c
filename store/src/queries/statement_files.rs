//! Files that were handed in: their bytes, problems, and whose they are.

use super::C;
use crate::packing;
use crate::rows::{CHUNK, FilePiece, FileProblem, StatementFile, StatementHolder};
use crate::schema::{file_pieces, file_problems, statement_files, statement_holders};
use diesel::prelude::*;
use diesel::result::Error;

/// A plain insert: whoever adds a file has asked [`file_by_hash`] in the same transaction.
pub fn add_statement_file(c: &mut C, file: &StatementFile) -> QueryResult<()> {
    diesel::insert_into(statement_files::table)
        .values(file)
        .execute(c)
        .map(drop)
}

pub fn file_by_hash(
    c: &mut C,
    side: &str,
    owner: &str,
    sha256: &str,
) -> QueryResult<Option<StatementFile>> {
    statement_files::table
        .filter(statement_files::side.eq(side))
        .filter(statement_files::owner.eq(owner))
        .filter(statement_files::sha256.eq(sha256))
        .select(StatementFile::as_select())
        .first(c)
        .optional()
}

pub fn statement_file(c: &mut C, id: &str) -> QueryResult<Option<StatementFile>> {
    statement_files::table
        .filter(statement_files::id.eq(id))
        .select(StatementFile::as_select())
        .first(c)
        .optional()
}

/// All of one side, oldest first.
pub fn statement_files_of(c: &mut C, side: &str) -> QueryResult<Vec<StatementFile>> {
    statement_files::table
        .filter(statement_files::side.eq(side))
        .order(statement_files::id)
        .select(StatementFile::as_select())
        .load(c)
}

/// Those whose taking in was interrupted, or is under way.
pub fn unfinished_files(c: &mut C) -> QueryResult<Vec<StatementFile>> {
    statement_files::table
        .filter(statement_files::state.eq("received"))
        .order(statement_files::id)
        .select(StatementFile::as_select())
        .load(c)
}

/// From now on its lines count.
pub fn finish_file(c: &mut C, id: &str, problems: i64) -> QueryResult<()> {
    diesel::update(statement_files::table.filter(statement_files::id.eq(id)))
        .set((
            statement_files::state.eq("stored"),
            statement_files::problems.eq(problems),
        ))
        .execute(c)
        .map(drop)
}

/// `packed` is what [`FilePiece::pack`] makes. A piece that is there already is left alone.
pub fn add_file_piece(c: &mut C, file_id: &str, position: i64, packed: &[u8]) -> QueryResult<()> {
    diesel::insert_into(file_pieces::table)
        .values((
            file_pieces::file_id.eq(file_id),
            file_pieces::position.eq(position),
            file_pieces::bytes.eq(packed),
            file_pieces::packing.eq(packing::ZSTD),
        ))
        .on_conflict_do_nothing()
        .execute(c)
        .map(drop)
}

pub fn file_piece(c: &mut C, file_id: &str, position: i64) -> QueryResult<Option<FilePiece>> {
    let found: Option<(Vec<u8>, String)> = file_pieces::table
        .filter(file_pieces::file_id.eq(file_id))
        .filter(file_pieces::position.eq(position))
        .select((file_pieces::bytes, file_pieces::packing))
        .first(c)
        .optional()?;
    let Some((bytes, packing)) = found else {
        return Ok(None);
    };
    let most = usize::try_from(FilePiece::BYTES_MAX).unwrap_or(usize::MAX);
    let plain = packing::unpack(&packing, &bytes, most)
        .map_err(|e| Error::DeserializationError(Box::new(e)))?;
    Ok(Some(FilePiece {
        file_id: file_id.to_owned(),
        position,
        bytes: plain.into_owned(),
    }))
}

/// Problems that are there already are left alone.
pub fn add_file_problems(c: &mut C, problems: &[FileProblem]) -> QueryResult<()> {
    for chunk in problems.chunks(CHUNK) {
        diesel::insert_into(file_problems::table)
            .values(chunk)
            .on_conflict_do_nothing()
            .execute(c)?;
    }
    Ok(())
}

/// The first ones, in the order of the file.
pub fn problems_of_file(c: &mut C, file_id: &str, limit: i64) -> QueryResult<Vec<FileProblem>> {
    file_problems::table
        .filter(file_problems::file_id.eq(file_id))
        .order(file_problems::position)
        .limit(limit)
        .select(FileProblem::as_select())
        .load(c)
}

pub fn add_holders(c: &mut C, holders: &[StatementHolder]) -> QueryResult<()> {
    for chunk in holders.chunks(CHUNK) {
        diesel::insert_into(statement_holders::table)
            .values(chunk)
            .on_conflict_do_nothing()
            .execute(c)?;
    }
    Ok(())
}

pub fn holders_of(c: &mut C, side: &str, owner: &str) -> QueryResult<Vec<StatementHolder>> {
    statement_holders::table
        .filter(statement_holders::side.eq(side))
        .filter(statement_holders::owner.eq(owner))
        .order((statement_holders::what, statement_holders::name))
        .select(StatementHolder::as_select())
        .load(c)
}
