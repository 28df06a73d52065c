//! The bare server once more, which also appends each body to a file and answers when it is on disk: many with one
//! sync. What the disk allows, and a database need not be measured against.

use crate::measure::now;
use actix_web::{HttpRequest, HttpResponse, web};
use std::fs::File;
use std::io::Write;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Bodies in one sync, as many as the service's intake takes at most.
const BATCH: usize = 256;

struct Waiting {
    body: web::Bytes,
    answer: oneshot::Sender<()>,
}

/// The way to the file. Its thread ends with the last clone.
#[derive(Clone)]
pub struct Appender(mpsc::UnboundedSender<Waiting>);

impl Appender {
    pub fn start(mut file: File) -> Self {
        let (queue, mut waiting) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            let (mut batch, mut bytes) = (Vec::new(), Vec::new());
            while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
                bytes.clear();
                for Waiting { body, .. } in &batch {
                    bytes.extend_from_slice(body);
                }
                file.write_all(&bytes).unwrap();
                file.sync_data().unwrap();
                for Waiting { answer, .. } in batch.drain(..) {
                    answer.send(()).unwrap();
                }
            }
        });
        Self(queue)
    }
}

/// Verifies and parses a delivery as the bare server does, and appends it.
pub async fn appended(
    appender: web::Data<Appender>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let response = crate::intake::verified_and_parsed(request, body.clone()).await;
    let (answer, synced) = oneshot::channel();
    assert!(appender.0.send(Waiting { body, answer }).is_ok());
    synced.await.unwrap();
    response
}

/// How long the disk takes for so many bytes at the end of a file: the middle, and 99 of 100.
pub fn syncs(mut file: File, bytes: usize) -> [Duration; 2] {
    const SYNCS: usize = 400;
    let bytes = vec![7; bytes];
    let mut took: Vec<Duration> = (0..SYNCS)
        .map(|_| {
            file.write_all(&bytes).unwrap();
            let start = now();
            file.sync_data().unwrap();
            start.elapsed()
        })
        .collect();
    took.sort();
    [took[SYNCS / 2], took[SYNCS * 99 / 100]]
}
