//! Why a file was refused as a whole. Nothing of it counts.

/// Each says where, what was wrong, and what to do. `row` counts from 1, the header included.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("the file is empty; download it again")]
    Empty,
    #[error(
        "this is {looks_like}, not a report or statement that can be read; hand in one of: {supported}"
    )]
    UnknownFormat {
        looks_like: &'static str,
        supported: String,
    },
    #[error(
        "this is not a file of format {format}: {why}; name its real format, or let it be detected"
    )]
    NotThisFormat { format: &'static str, why: String },
    #[error(
        "row {row}: the header lacks {}; download the report again with these columns, or correct their names in the settings",
        quoted(.columns)
    )]
    MissingColumns { row: u64, columns: Vec<String> },
    #[error(
        "row {row}: the column {column:?} stands twice in the header, so that its cells contradict each other; remove one"
    )]
    DuplicateColumn { row: u64, column: String },
    #[error(
        "{place}: the text is {found}, not {expected}; save or download the file as {expected}"
    )]
    Encoding {
        place: String,
        found: &'static str,
        expected: &'static str,
    },
    #[error("byte {offset} is NUL, which no text has: the file is damaged; download it again")]
    NulByte { offset: u64 },
    #[error(
        "row {row} is longer than {bytes_max} bytes: a quote or a line break is missing in it, or this is no report"
    )]
    RowTooLong { row: u64, bytes_max: usize },
    #[error("row {row} has more than {columns_max} columns; this is no report that can be read")]
    TooManyColumns { row: u64, columns_max: usize },
    #[error("the file has more than {max} {what}; split it into shorter periods")]
    TooMany { what: &'static str, max: u64 },
    #[error("the file is longer than {bytes_max} bytes; split it into shorter periods")]
    FileTooLong { bytes_max: u64 },
    #[error("row {row}, column {column:?}: {what}; download the file again")]
    Malformed {
        row: u64,
        column: String,
        what: String,
    },
    #[error("the file ends at row {row} {within}: it was cut off; download it again")]
    Cut { row: u64, within: String },
    #[error(
        "the file has a DOCTYPE, which no bank statement needs and which can make a reader fetch or build anything; get the statement from the bank itself"
    )]
    Doctype,
    #[error(
        "the file refers to the entity {name:?}, which XML does not define by itself; get the statement from the bank itself"
    )]
    Entity { name: String },
    #[error(
        "the file has more than {depth_max} elements inside each other, which no bank statement has; get it from the bank itself"
    )]
    TooDeep { depth_max: usize },
    #[error(
        "{what}: the file says {expected}, its rows give {found}; rows are missing or changed, so download it again"
    )]
    ControlTotal {
        what: String,
        expected: String,
        found: String,
    },
    #[error(
        "row {row}, column {column:?}: {found:?} cannot be a day when the order is {order}; say which order the file has"
    )]
    DateOrder {
        row: u64,
        column: String,
        found: String,
        order: &'static str,
    },
    #[error("a table of a bank does not say which account it is of; name the account")]
    AccountMissing,
    #[error(
        "no layout of the bank's table is in the settings; add one, or hand in camt.053 or MT940"
    )]
    LayoutMissing,
    #[error("the file could not be read")]
    Input(#[source] std::io::Error),
    #[error("reading was stopped by the receiver of its lines")]
    Stopped,
}

fn quoted(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| format!("{name:?}")).collect();
    quoted.join(", ")
}
