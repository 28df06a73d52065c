use avstem_store::bulk::copied::{Malformed, rows};
use avstem_store::bulk::views::EffectView;
use avstem_store::rows::EffectOf;

/// What PostgreSQL begins with, its flags, and the length of what it says more of it.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const END: [u8; 2] = [0xff; 2];

fn copy(rows: &[&[Option<&[u8]>]]) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    for row in rows {
        bytes.extend(i16::try_from(row.len()).unwrap().to_be_bytes());
        for value in *row {
            let length = value.map_or(-1, |value| i32::try_from(value.len()).unwrap());
            bytes.extend(length.to_be_bytes());
            bytes.extend(value.unwrap_or_default());
        }
    }
    bytes.extend(END);
    bytes
}

fn effects(bytes: &[u8]) -> Result<Vec<EffectView<'_>>, Malformed> {
    rows::<EffectOf>(bytes)
}

#[test]
fn rows_are_read_as_they_were_sent() {
    let row: [Option<&[u8]>; 4] = [Some(b"j"), Some(b"stripe"), Some(b""), Some(b"e")];
    let read = EffectView {
        journal_id: "j",
        connection: "stripe",
        object: "",
        effect: "e",
    };
    assert_eq!(effects(&copy(&[&row, &row])), Ok(vec![read, read]));
    assert_eq!(effects(&copy(&[])), Ok(vec![]));
}

#[test]
fn nothing_that_is_not_whole_is_taken_for_rows() {
    let row: [Option<&[u8]>; 4] = [Some(b"j"), Some(b"stripe"), Some(b"o"), Some(b"e")];
    let whole = copy(&[&row]);
    for length in 0..whole.len() {
        assert!(effects(&whole[..length]).is_err(), "{length} bytes");
    }
    assert_eq!(
        effects(&[&whole[..], &[0]].concat()),
        Err(Malformed::Columns)
    );
    assert_eq!(effects(&copy(&[&row[..3]])), Err(Malformed::Columns));
    let missing = copy(&[&[row[0], None, row[2], row[3]]]);
    assert_eq!(effects(&missing), Err(Malformed::Missing));
    let no_text = copy(&[&[row[0], Some(b"\xff"), row[2], row[3]]]);
    assert_eq!(effects(&no_text), Err(Malformed::Text));
}
