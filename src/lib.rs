//! Avstem: subscription billing, reconciled. The service: everything that touches the world.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod exports;
pub mod gateway;
pub mod http;
pub mod i18n;
pub mod jobs;
pub mod reports;
pub mod server;

pub use avstem_store as store;

/// Of the processor's time a seventh was the C library's allocator's (docs/performance-log.md). This one serves SQLite
/// as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
