//! The bytes of deliveries that are stored together, packed as one value.
//!
//! Deliveries resemble each other: 64 of them compressed as one take a sixth of the room that they take one
//! by one, for a fifth of the work (docs/decisions/0016), and what all of them say need not be kept with any
//! (0028). What is packed comes back byte for byte, and a checksum of the packed bytes tells when it would not.

use super::packing::{self, Damaged, ZSTD};
use super::rows::{Due, DueRow, Event, EventBundle, EventRow};
use std::borrow::Cow;

/// Bytes of headers and bodies in one bundle, unless a single delivery has more: to read one delivery, all
/// of its bundle is unpacked.
const BUNDLE_BYTES_MAX: usize = 256 * 1024;
/// Far more than the longest delivery; a stored length beyond it was not written by us.
const UNPACKED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Deliveries of one bundle, ready to be stored.
pub(super) struct Packed {
    pub bundle: EventBundle,
    /// In the order of the keys by which deliveries are told apart: two replicas that are given the same
    /// deliveries then never wait for each other in a circle.
    pub rows: Vec<EventRow>,
}

/// Packs deliveries in their order.
pub(super) fn pack(deliveries: &[Event]) -> std::io::Result<Vec<Packed>> {
    let mut all = Vec::new();
    let mut rest = deliveries;
    while let Some(first) = rest.first() {
        let all_bytes: usize = rest.iter().map(bytes_of).sum();
        let mut plain = Vec::with_capacity(all_bytes.min(BUNDLE_BYTES_MAX));
        let mut rows = Vec::with_capacity(rest.len());
        for delivery in rest {
            let bytes = bytes_of(delivery);
            if !rows.is_empty() && plain.len() + bytes > BUNDLE_BYTES_MAX {
                break;
            }
            rows.push(row(delivery, &first.id, plain.len()));
            plain.extend_from_slice(delivery.headers.as_bytes());
            plain.extend_from_slice(&delivery.body);
        }
        rest = rest.get(rows.len()..).unwrap_or_default();
        rows.sort_by(|one, other| {
            (&one.dedupe_key, &one.connection).cmp(&(&other.dedupe_key, &other.connection))
        });
        let bundle = EventBundle {
            id: first.id.clone(),
            packing: ZSTD.to_owned(),
            unpacked_bytes: signed(plain.len()),
            bytes: packing::pack_deliveries(&plain)?,
        };
        all.push(Packed { bundle, rows });
    }
    Ok(all)
}

fn bytes_of(delivery: &Event) -> usize {
    delivery.headers.len() + delivery.body.len()
}

/// A row of a delivery whose bytes are in a bundle.
pub(super) trait Bundled {
    /// The delivery with its bytes.
    type Whole;

    fn bytes(&self) -> Bytes<'_>;

    /// Headers and body, if they are there.
    fn whole(self, bytes: Option<(&[u8], &[u8])>) -> Self::Whole;
}

/// Where a delivery's bytes are.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'r> {
    /// The delivery's id, and its bundle's.
    pub(super) of: &'r str,
    pub(super) bundle: &'r str,
    /// Where its headers begin in the bundle, how long they are, and how long the body is that follows them.
    place: [i64; 3],
}

/// The bytes of a row, whatever else it has.
macro_rules! bytes {
    ($row:expr) => {
        Bytes {
            of: &$row.id,
            bundle: &$row.bundle,
            place: [$row.bytes_at, $row.headers_bytes, $row.body_bytes],
        }
    };
}

impl Bundled for EventRow {
    type Whole = Event;

    fn bytes(&self) -> Bytes<'_> {
        bytes!(self)
    }

    fn whole(self, bytes: Option<(&[u8], &[u8])>) -> Event {
        let (headers, body) = bytes.unwrap_or_default();
        event(
            self,
            String::from_utf8_lossy(headers).into_owned(),
            body.to_vec(),
        )
    }
}

impl Bundled for DueRow {
    type Whole = Due;

    fn bytes(&self) -> Bytes<'_> {
        bytes!(self)
    }

    fn whole(self, bytes: Option<(&[u8], &[u8])>) -> Due {
        // A delivery has headers, if nothing else.
        let bytes = bytes.filter(|(headers, _)| !headers.is_empty());
        Due {
            id: self.id,
            connection: self.connection,
            state: self.state,
            attempts: self.attempts,
            received_at: self.received_at,
            due_at: self.due_at,
            body: bytes.map(|(_, body)| body.to_vec()),
        }
    }
}

/// The bytes of a bundle; None when they do not come back.
pub(super) fn open(bundle: &EventBundle) -> Option<Cow<'_, [u8]>> {
    let size = unsigned(bundle.unpacked_bytes).min(UNPACKED_BYTES_MAX);
    packing::unpack(&bundle.packing, &bundle.bytes, size)
        .map_err(|damaged| tell(&bundle.id, &damaged))
        .ok()
}

impl Bytes<'_> {
    /// The headers and the body, if they are within the bundle.
    pub(super) fn within<'u>(&self, unpacked: &'u [u8]) -> Option<(&'u [u8], &'u [u8])> {
        let [at, headers, body] = self.place.map(unsigned);
        let bytes = unpacked.get(at..);
        let found = bytes
            .and_then(|bytes| bytes.split_at_checked(headers))
            .and_then(|(headers, rest)| Some((headers, rest.get(..body)?)));
        if found.is_none() {
            tell(self.bundle, &Damaged::Short);
        }
        found
    }
}

fn tell(bundle: &str, damaged: &Damaged) {
    tracing::error!(bundle.id = %bundle, error = ?damaged, "Bundle {bundle} is damaged");
}

/// A delivery as its row and its bytes have it.
fn event(row: EventRow, headers: String, body: Vec<u8>) -> Event {
    Event {
        id: row.id,
        connection: row.connection,
        dedupe_key: row.dedupe_key,
        provider_event_id: row.provider_event_id,
        kind: row.kind,
        state: row.state,
        attempts: row.attempts,
        error: row.error,
        conflict: row.conflict,
        received_at: row.received_at,
        processed_at: row.processed_at,
        due_at: row.due_at,
        lane: row.lane,
        headers,
        body,
    }
}

fn row(delivery: &Event, bundle: &str, bytes_at: usize) -> EventRow {
    EventRow {
        id: delivery.id.clone(),
        connection: delivery.connection.clone(),
        dedupe_key: delivery.dedupe_key.clone(),
        provider_event_id: delivery.provider_event_id.clone(),
        kind: delivery.kind.clone(),
        state: delivery.state.clone(),
        attempts: delivery.attempts,
        error: delivery.error.clone(),
        conflict: delivery.conflict.clone(),
        received_at: delivery.received_at,
        processed_at: delivery.processed_at,
        due_at: delivery.due_at,
        bundle: bundle.to_owned(),
        bytes_at: signed(bytes_at),
        headers_bytes: signed(delivery.headers.len()),
        body_bytes: signed(delivery.body.len()),
        lane: delivery.lane,
    }
}

/// Lengths are bounded far below what either type holds.
fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// A length as it was stored. One that somebody made negative is too long for any bundle.
fn unsigned(length: i64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
