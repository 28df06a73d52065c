//! Bodies that are files: spooled to disk as they come, so that memory stays bounded whatever their size.

use super::problem::{Code, Problem};
use super::{State, work};
use crate::app::statements::spool::{Spool, Spooled};
use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::StreamExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// The longest file, in bytes, inclusive. Longer ones are for the command line.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// How long the next piece of a file may take to come.
const PIECE_SECONDS_MAX: u64 = 30;

/// What is written to disk at a time.
const PIECE_BYTES: usize = 256 * 1024;

/// A file that a request brought. It waits in the request's extensions for its handler.
#[derive(Clone)]
pub struct Upload {
    pub sha256: String,
    kept: Arc<Mutex<Option<Kept>>>,
}

struct Kept {
    spooled: Spooled,
    /// Held until the file is worked on.
    _place: OwnedSemaphorePermit,
}

/// Takes the body of a request in, whole.
pub async fn receive(state: &State, request: &mut ServiceRequest) -> Result<(), Problem> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            Code::UnsupportedContentEncoding,
            "Content-Encoding: send the file as it is, not compressed.",
        ));
    }
    let place = state.uploads.clone().try_acquire_owned().map_err(|_| {
        Problem::overloaded("Other files are being taken in: send this one again in a moment.")
    })?;
    let app = state.app.clone();
    let spool = move || Spool::create(&app.clock).map_err(Problem::internal);
    let mut spool = work(spool).await?;
    let mut payload = request.take_payload();
    let mut piece = Vec::new();
    loop {
        let next =
            actix_web::rt::time::timeout(Duration::from_secs(PIECE_SECONDS_MAX), payload.next());
        let next = next.await.map_err(|_| {
            let detail = format!("Nothing more of the file came for {PIECE_SECONDS_MAX} s.");
            Problem::new(Code::RequestTimeout, detail)
        })?;
        match next {
            None => break,
            Some(Err(_)) => {
                return Err(Problem::new(
                    Code::InvalidRequest,
                    "The body broke off before its end.",
                ));
            }
            Some(Ok(chunk)) => piece.extend_from_slice(&chunk),
        }
        if piece.len() >= PIECE_BYTES {
            spool = written(spool, std::mem::take(&mut piece)).await?;
        }
    }
    let spool = written(spool, piece).await?;
    let spooled = work(move || spool.finish().map_err(Problem::internal)).await?;
    request.extensions_mut().insert(Upload {
        sha256: spooled.sha256.clone(),
        kept: Arc::new(Mutex::new(Some(Kept {
            spooled,
            _place: place,
        }))),
    });
    Ok(())
}

async fn written(mut spool: Spool, piece: Vec<u8>) -> Result<Spool, Problem> {
    let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
    if spool.bytes().saturating_add(length) > FILE_BYTES_MAX {
        return Err(Problem::new(
            Code::PayloadTooLarge,
            format!(
                "The file is larger than {FILE_BYTES_MAX} bytes: hand it in with `avstem import`."
            ),
        ));
    }
    work(move || {
        spool.write(&piece).map_err(Problem::internal)?;
        Ok::<_, Problem>(spool)
    })
    .await
}

/// The file of a request, for its handler; there is one handler, and it asks once.
pub fn take(request: &HttpRequest) -> Result<Spooled, Problem> {
    let upload = request.extensions().get::<Upload>().cloned();
    let kept = upload.and_then(|upload| {
        let mut kept = upload.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.take()
    });
    kept.map(|kept| kept.spooled)
        .ok_or_else(|| Problem::internal("a route that takes a file got none"))
}
