//! Settlement reports and bank statements, taken in.
//!
//! A file is spooled and hashed, read once to see that all of it can be read and whose it is, and only then
//! stored: its bytes, then its lines in batches, and last the word that they count. A process that dies on
//! the way leaves a file that says so, and whoever comes next goes on from its bytes. Lines that count are
//! booked, each once (`books/settle.rs`).

mod accounts;
pub mod bank_lines;
mod batches;
mod error;
mod holders;
pub mod import;
pub mod members;
mod pieces;
mod post_agreeing;
pub mod post_lines;
mod provider_lines;
pub mod rows;
pub mod spool;
mod store;
mod temporary;

pub use error::ImportError;
pub use store::finish_interrupted;
