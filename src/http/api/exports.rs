//! Exports, streamed. An export that breaks off breaks the connection off, so that no client takes a
//! part for the whole.

use super::Answer;
use crate::app::App;
use crate::app::export::{ExportRequest, export};
use crate::exports::ExportError;
use crate::exports::formats::Format;
use crate::exports::kinds::Kind;
use crate::http::State;
use crate::http::operation::{FROM, Operation, Parameter, Reply, TO, Tag};
use crate::http::params::{DayRange, Params};
use crate::http::problem::{Code, Problem};
use crate::http::schema::words;
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::{Stream, stream};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// Bytes in a piece, and pieces that may wait for a slow client.
const PIECE_BYTES: usize = 64 * 1024;
const PIECES_WAITING: usize = 4;

/// How long a client may take nothing before its export is ended: it keeps a reader of the database.
const STALLED: Duration = Duration::from_secs(60);

pub const GET: Operation = Operation::new(Tag::Exports, "export", "Streams a table as a file")
    .about("`from` and `to` bound it. The formats of accounting programs (`hledger`, `beancount`, `sie4`) are for the journal alone. No journal leaves twice as a voucher of `sie4`: asked for the same days again, it gives what was booked since, or else the same file as before. An export that breaks off closes the connection without the proper end of the response: do not keep the file then.")
    .path(&[
        Parameter::new::<words::ExportKind>("kind", "What is exported.", "journal"),
        Parameter::new::<words::ExportFormat>("format", "How it is written.", "csv"),
    ])
    .query(&[FROM, TO])
    .gives(&[Reply::export("The file.")])
    .refuses(&[Code::Overloaded, Code::ExportIncomplete])
    .example("?from=2026-11-01&to=2026-11-30");

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    let part = |name: &str| request.match_info().query(name).to_owned();
    let kind = Kind::parse(&part("kind"))?;
    let format = Format::parse(&part("format"))?;
    format.require(kind)?;
    let params = Params::read(&request)?;
    let DayRange { from, to } = params.days()?;
    let wanted = ExportRequest {
        kind,
        format,
        from,
        to,
    };
    let permit = Arc::clone(&state.exports)
        .try_acquire_owned()
        .map_err(|_| {
            Problem::overloaded(
                "As many exports run as may run at a time: try again when one is done.",
            )
        })?;
    let mut pieces = start(state.app.clone(), wanted, permit);
    // What fails before the first byte can still be told.
    let first = match pieces.recv().await {
        Some(Piece::Failed(error)) => return Err(error.into()),
        Some(piece @ (Piece::Bytes(_) | Piece::End)) => piece,
        None => return Err(Problem::internal(BrokeOff)),
    };
    let name = format!("attachment; filename=\"{}.{}\"", kind.name, format.name);
    let disposition = HeaderValue::from_str(&name).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type)
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .streaming(following(first, pieces)))
}

/// What comes out of the thread that writes an export.
enum Piece {
    Bytes(Bytes),
    Failed(ExportError),
    /// The export is whole. A channel that just closes says nothing of the kind.
    End,
}

#[derive(Debug, thiserror::Error)]
#[error("the export broke off")]
struct BrokeOff;

/// `first`, and then what follows. Anything but [`Piece::End`] at the end is an error, which ends the
/// response without its proper end.
fn following(first: Piece, pieces: Receiver<Piece>) -> impl Stream<Item = Result<Bytes, BrokeOff>> {
    let begin = Some((Some(first), pieces));
    stream::unfold(begin, |state| async move {
        let (first, mut pieces) = state?;
        let piece = match first {
            Some(first) => Some(first),
            None => pieces.recv().await,
        };
        match piece {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some((None, pieces)))),
            Some(Piece::End) => None,
            Some(Piece::Failed(_)) | None => Some((Err(BrokeOff), None)),
        }
    })
}

/// Writes the export on a thread of its own; what it writes comes out of the receiver.
fn start(app: Arc<App>, wanted: ExportRequest, permit: OwnedSemaphorePermit) -> Receiver<Piece> {
    let (pieces, receiver) = mpsc::channel(PIECES_WAITING);
    let span = tracing::Span::current();
    let runtime = tokio::runtime::Handle::current();
    // Nobody waits for the thread: it ends with the channel.
    let _thread = actix_web::rt::task::spawn_blocking(move || {
        let _entered = span.entered();
        let _permit = permit;
        let mut out = Pieces {
            full: Vec::with_capacity(PIECE_BYTES),
            channel: pieces,
            runtime,
        };
        let whole = export(&app, &wanted, &mut out, &mut |_| {}).and_then(|_| Ok(out.flush()?));
        let last = match whole {
            Ok(()) => Piece::End,
            Err(error) => {
                tracing::warn!(kind = wanted.kind.name, error = %error, "An export broke off");
                Piece::Failed(error)
            }
        };
        // Whoever hung up or stalls misses the last word, and so has no whole export.
        let _ = out.send(last);
    });
    receiver
}

/// Collects what is written into pieces, and waits while the client is slow.
struct Pieces {
    full: Vec<u8>,
    channel: Sender<Piece>,
    runtime: tokio::runtime::Handle,
}

impl Pieces {
    fn send(&self, piece: Piece) -> io::Result<()> {
        let sent = self
            .runtime
            .block_on(timeout(STALLED, self.channel.send(piece)));
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::Error::other("the client hung up")),
            Err(_) => Err(io::Error::other("the client takes nothing")),
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.full.extend_from_slice(bytes);
        if self.full.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.full.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.full, Vec::with_capacity(PIECE_BYTES));
        self.send(Piece::Bytes(Bytes::from(piece)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    async fn body(pieces: Vec<Piece>) -> Vec<Result<Bytes, String>> {
        let (sender, receiver) = mpsc::channel(8);
        let mut pieces = pieces.into_iter();
        let first = pieces.next().unwrap();
        for piece in pieces {
            assert!(sender.try_send(piece).is_ok());
        }
        drop(sender);
        following(first, receiver)
            .map(|piece| piece.map_err(|e| e.to_string()))
            .collect()
            .await
    }

    fn bytes(text: &'static str) -> Piece {
        Piece::Bytes(Bytes::from_static(text.as_bytes()))
    }

    #[actix_web::test]
    async fn a_whole_export_ends_well() {
        let whole = body(vec![bytes("a"), bytes("b"), Piece::End]).await;
        assert_eq!(
            whole,
            [Ok(Bytes::from_static(b"a")), Ok(Bytes::from_static(b"b"))]
        );
        assert!(body(vec![Piece::End]).await.is_empty());
    }

    #[actix_web::test]
    async fn an_export_that_fails_or_just_stops_ends_in_an_error() {
        let failed = Piece::Failed(ExportError::Output(io::Error::other("full")));
        let broke_off = Err("the export broke off".to_owned());
        assert_eq!(
            body(vec![bytes("a"), failed]).await.last(),
            Some(&broke_off)
        );
        assert_eq!(
            body(vec![bytes("a"), bytes("b")]).await.last(),
            Some(&broke_off)
        );
    }
}
