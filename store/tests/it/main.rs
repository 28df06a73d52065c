//! What the store decides without a database that holds anything; what it keeps is tested with the service.
#![cfg(test)]

mod copied;
mod durability;
mod errors;
mod select;
