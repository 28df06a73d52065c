//! The bytes of deliveries that are stored together, packed as one value.
//!
//! Deliveries resemble each other: 64 of them compressed as one take a sixth of the room that they take one
//! by one, for a fifth of the work (docs/decisions/0016). What is packed comes back byte for byte, and a
//! checksum of the packed bytes tells when it would not.

use super::packing::{self, Damaged, ZSTD};
use super::rows::{Event, EventBundle, EventRow};

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
        let mut plain = Vec::new();
        let mut rows = Vec::new();
        for delivery in rest {
            let bytes = delivery.headers.len() + delivery.body.len();
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
            bytes: packing::pack(&plain)?,
        };
        all.push(Packed { bundle, rows });
    }
    Ok(all)
}

/// The headers and bodies of deliveries of one bundle, by id. What is damaged is left out.
pub(super) fn open<'a>(
    bundle: &EventBundle,
    rows: impl Iterator<Item = &'a EventRow>,
) -> Vec<(String, (String, Vec<u8>))> {
    let told = |damaged: Damaged| {
        tracing::error!(bundle.id = %bundle.id, error = ?damaged, "Bundle {} is damaged", bundle.id);
    };
    let size = unsigned(bundle.unpacked_bytes).min(UNPACKED_BYTES_MAX);
    let Ok(unpacked) = packing::unpack(&bundle.packing, &bundle.bytes, size).map_err(told) else {
        return Vec::new();
    };
    rows.filter_map(|row| Some((row.id.clone(), bytes_of(row, &unpacked).map_err(told).ok()?)))
        .collect()
}

fn bytes_of(row: &EventRow, unpacked: &[u8]) -> Result<(String, Vec<u8>), Damaged> {
    let bytes = unpacked.get(unsigned(row.bytes_at)..);
    let (headers, rest) = bytes
        .and_then(|bytes| bytes.split_at_checked(unsigned(row.headers_bytes)))
        .ok_or(Damaged::Short)?;
    let body = rest.get(..unsigned(row.body_bytes)).ok_or(Damaged::Short)?;
    Ok((String::from_utf8_lossy(headers).into_owned(), body.to_vec()))
}

/// A delivery as its row and its bytes have it.
pub(super) fn event(row: EventRow, headers: String, body: Vec<u8>) -> Event {
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
