//! What APIs answered, in the database and back.

use crate::store_tables::{MAX, MIN, TEXT, read, text, write};
use crate::world::World;
use avstem::store::rows::StoredAnswer;

fn answers_come_back_in_their_order(world: &mut World) {
    let answer = |id: &str, told: &str, absorbed_at| StoredAnswer {
        id: id.to_owned(),
        connection: text(),
        told: told.to_owned(),
        absorbed_at,
    };
    let answers = [answer("1", TEXT, MIN), answer("2", "", MAX)];
    write(world, |tx| {
        Ok(answers
            .iter()
            .rev()
            .try_for_each(|row| tx.add_answer(row))?)
    });
    assert_eq!(read(world, |tx| Ok(tx.answers_after("", 9)?)), answers);
    assert_eq!(read(world, |tx| Ok(tx.answers_after("", 1)?)), answers[..1]);
    assert_eq!(
        read(world, |tx| Ok(tx.answers_after("1", 9)?)),
        answers[1..]
    );
}

on_both_databases! {
    answers_come_back_in_their_order,
}
