use avstem_store::StoreError;
use diesel::result::{DatabaseErrorKind, Error};

fn said(message: &str) -> StoreError {
    StoreError::Statement(Error::DatabaseError(
        DatabaseErrorKind::Unknown,
        Box::new(message.to_owned()),
    ))
}

#[test]
fn what_will_pass_is_not_blamed_on_the_data() {
    for message in [
        "database is locked",
        "database or disk is full",
        "canceling statement due to lock timeout",
        "terminating connection due to administrator command",
        "the database system is shutting down",
        "could not extend file \"base/16384/16397\": No space left on device",
        "sorry, too many clients already",
        "connection closed",
        "error communicating with the server: Connection reset by peer (os error 104)",
    ] {
        assert!(!said(message).is_about_data(), "{message}");
    }
}

#[test]
fn what_will_never_do_is_blamed_on_the_data() {
    for message in [
        "a journal must balance in every currency",
        "this effect is booked already: effects are append-only",
        "cannot store REAL value in INTEGER column daily_balances.amount",
        "bigint out of range",
        "invalid byte sequence for encoding \"UTF8\": 0x00",
    ] {
        assert!(said(message).is_about_data(), "{message}");
    }
}
