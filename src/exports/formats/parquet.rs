//! Columns for data programs, in row groups of bounded size, so that memory does not grow with the rows.
//!
//! Amounts are `DECIMAL(38, 4)` whatever their currency, which stands in a column beside them: no amount
//! of 64 bits in any currency needs more. Times are UTC with microseconds.

use super::{Format, Out, RowWriter, Writer, Writes, require_width};
use crate::exports::table::{Column, Flag, Heading, Holds, Value};
use avstem_domain::money::Money;
use chrono::NaiveDate;
use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::fmt::Write as _;
use std::io::{Error, ErrorKind};
use std::sync::Arc;

pub(super) const FORMAT: Format = Format {
    name: "parquet",
    media_type: "application/vnd.apache.parquet",
    unit: "rows",
    writes: Writes::Rows(begin),
};

/// A row group ends with whichever comes first.
const GROUP_ROWS_MAX: usize = 20_000;
const GROUP_TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Decimals of every amount: as many as the currency with the most has.
const SCALE: u32 = 4;

struct Parquet<'w> {
    file: SerializedFileWriter<&'w mut Out>,
    columns: &'static [Column],
    held: Vec<Held>,
    rows: usize,
    text_bytes: usize,
}

/// The values of one column that wait for their row group: what is not null, and for each row whether
/// there is something.
struct Held {
    values: Values,
    present: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    Amount(Vec<FixedLenByteArray>),
    Integer(Vec<i64>),
    Flag(Vec<bool>),
    /// Days since 1970.
    Day(Vec<i32>),
}

fn begin<'w>(heading: &Heading<'_>, out: &'w mut Out) -> std::io::Result<Writer<'w>> {
    let schema = parse_message_type(&schema(heading.columns)).map_err(failed)?;
    let properties = WriterProperties::builder()
        .set_created_by(concat!("avstem ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build();
    let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties));
    Ok(Box::new(Parquet {
        file: file.map_err(failed)?,
        columns: heading.columns,
        held: heading.columns.iter().map(Held::new).collect(),
        rows: 0,
        text_bytes: 0,
    }))
}

fn schema(columns: &[Column]) -> String {
    let mut schema = "message table {".to_owned();
    for column in columns {
        let (holds, name) = (parquet_type(column.holds), column.name);
        // Writing to a text cannot fail.
        let _ = match holds.split_once(' ') {
            Some((physical, logical)) => write!(schema, " optional {physical} {name} {logical};"),
            None => write!(schema, " optional {holds} {name};"),
        };
    }
    schema.push_str(" }");
    schema
}

/// The physical type, and behind a space the logical one.
const fn parquet_type(holds: Holds) -> &'static str {
    match holds {
        Holds::Text | Holds::Id => "binary (STRING)",
        Holds::Amount => "fixed_len_byte_array(16) (DECIMAL(38,4))",
        Holds::Integer => "int64",
        Holds::Flag => "boolean",
        Holds::Date => "int32 (DATE)",
        Holds::Time => "int64 (TIMESTAMP(MICROS,true))",
    }
}

impl RowWriter for Parquet<'_> {
    fn row(&mut self, row: &[Value]) -> std::io::Result<()> {
        require_width(row, self.columns)?;
        for (held, value) in self.held.iter_mut().zip(row) {
            if let Value::Text(text) | Value::Id(text) = value {
                self.text_bytes = self.text_bytes.saturating_add(text.len());
            }
            held.push(value)?;
        }
        self.rows = self.rows.saturating_add(1);
        if self.rows >= GROUP_ROWS_MAX || self.text_bytes >= GROUP_TEXT_BYTES_MAX {
            self.write_group().map_err(failed)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> std::io::Result<()> {
        self.write_group().map_err(failed)?;
        self.file.finish().map_err(failed)?;
        Ok(())
    }
}

impl Parquet<'_> {
    fn write_group(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for (held, column) in self.held.iter_mut().zip(self.columns) {
            let full = std::mem::replace(held, Held::new(column));
            let mut writer = group
                .next_column()?
                .ok_or_else(|| ParquetError::General("a column is missing".to_owned()))?;
            full.write(&mut writer)?;
            writer.close()?;
        }
        group.close()?;
        self.rows = 0;
        self.text_bytes = 0;
        Ok(())
    }
}

impl Held {
    fn new(column: &Column) -> Self {
        let values = match column.holds {
            Holds::Text | Holds::Id => Values::Text(Vec::new()),
            Holds::Amount => Values::Amount(Vec::new()),
            Holds::Integer | Holds::Time => Values::Integer(Vec::new()),
            Holds::Flag => Values::Flag(Vec::new()),
            Holds::Date => Values::Day(Vec::new()),
        };
        Self {
            values,
            present: Vec::new(),
        }
    }

    fn push(&mut self, value: &Value) -> std::io::Result<()> {
        match (&mut self.values, value) {
            (
                Values::Text(_)
                | Values::Amount(_)
                | Values::Integer(_)
                | Values::Flag(_)
                | Values::Day(_),
                Value::Null,
            ) => {
                self.present.push(0);
                return Ok(());
            }
            (Values::Text(texts), Value::Text(text) | Value::Id(text)) => {
                texts.push(ByteArray::from(text.as_str()));
            }
            (Values::Amount(amounts), Value::Amount(amount)) => {
                let scaled = scaled(*amount)?.to_be_bytes().to_vec();
                amounts.push(FixedLenByteArray::from(scaled));
            }
            (Values::Integer(numbers), Value::Integer(number)) => numbers.push(*number),
            (Values::Integer(numbers), Value::Time(time)) => numbers.push(time.as_micros()),
            (Values::Flag(flags), Value::Flag(flag)) => flags.push(*flag == Flag::Yes),
            (Values::Day(days), Value::Date(day)) => days.push(days_since_1970(day)?),
            (
                Values::Text(_)
                | Values::Amount(_)
                | Values::Integer(_)
                | Values::Flag(_)
                | Values::Day(_),
                Value::Text(_)
                | Value::Id(_)
                | Value::Amount(_)
                | Value::Integer(_)
                | Value::Flag(_)
                | Value::Date(_)
                | Value::Time(_),
            ) => return Err(invalid("a value is not of its column's type")),
        }
        self.present.push(1);
        Ok(())
    }

    fn write(self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let Self { values, present } = self;
        match values {
            Values::Text(texts) => write::<ByteArrayType>(writer, &texts, &present),
            Values::Amount(amounts) => write::<FixedLenByteArrayType>(writer, &amounts, &present),
            Values::Integer(numbers) => write::<Int64Type>(writer, &numbers, &present),
            Values::Flag(flags) => write::<BoolType>(writer, &flags, &present),
            Values::Day(days) => write::<Int32Type>(writer, &days, &present),
        }
    }
}

fn write<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &[T::T],
    present: &[i16],
) -> Result<(), ParquetError> {
    // Neither columns in columns nor lists: nothing repeats.
    let repeated = None;
    writer
        .typed::<T>()
        .write_batch(values, Some(present), repeated)?;
    Ok(())
}

/// The amount in ten-thousandths of a major unit.
fn scaled(amount: Money) -> std::io::Result<i128> {
    let missing = SCALE.checked_sub(amount.currency().exponent());
    let factor = missing.and_then(|digits| 10i128.checked_pow(digits));
    factor
        .and_then(|factor| i128::from(amount.minor()).checked_mul(factor))
        .ok_or_else(|| invalid("an amount has more decimals than the column"))
}

fn days_since_1970(day: &str) -> std::io::Result<i32> {
    let unreadable = || invalid("a day cannot be read");
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| unreadable())?;
    let since = day.signed_duration_since(NaiveDate::default()).num_days();
    i32::try_from(since).map_err(|_| unreadable())
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidData, message)
}

/// The writer's own error, so that a closed pipe or a full disk is still known as one.
fn failed(error: ParquetError) -> Error {
    let said = error.to_string();
    if let ParquetError::External(source) = error
        && let Ok(error) = source.downcast::<Error>()
    {
        return *error;
    }
    invalid(&said)
}

#[cfg(test)]
mod tests;
