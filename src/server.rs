//! The whole service in one process: the inbox's writer, the jobs, and HTTP until it is stopped.

use crate::app::App;
use crate::app::group_commit::GroupCommit;
use crate::{http, jobs};
use std::net::TcpListener;
use std::sync::Arc;

/// Runs until the process is told to stop, then lets what is under way finish.
pub fn run(app: Arc<App>, listener: TcpListener) -> std::io::Result<()> {
    let jobs = jobs::start(&app);
    let intake = GroupCommit::start(Arc::clone(&app));
    let served = http::run(
        http::State::new(Arc::clone(&app), intake, jobs.health()),
        listener,
    );
    jobs.stop();
    served
}
