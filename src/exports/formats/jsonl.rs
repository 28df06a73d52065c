//! One JSON object a line, its fields in the order of the columns. Amounts are strings, so that no
//! reader makes them floats; texts stand as they are.

use super::{Format, Out, RowWriter, Writer, Writes, require_width};
use crate::exports::table::{Column, Heading, Value};
use std::io::{BufWriter, Write};

pub(super) const FORMAT: Format = Format {
    name: "jsonl",
    media_type: "application/x-ndjson",
    unit: "rows",
    writes: Writes::Rows(begin),
};

struct Jsonl<'w> {
    columns: &'static [Column],
    out: BufWriter<&'w mut Out>,
}

fn begin<'w>(heading: &Heading<'_>, out: &'w mut Out) -> std::io::Result<Writer<'w>> {
    Ok(Box::new(Jsonl {
        columns: heading.columns,
        out: BufWriter::new(out),
    }))
}

impl RowWriter for Jsonl<'_> {
    fn row(&mut self, row: &[Value]) -> std::io::Result<()> {
        require_width(row, self.columns)?;
        let mut before = b"{";
        for (column, value) in self.columns.iter().zip(row) {
            self.out.write_all(before)?;
            before = b",";
            serde_json::to_writer(&mut self.out, column.name)?;
            self.out.write_all(b":")?;
            serde_json::to_writer(&mut self.out, &json(value))?;
        }
        self.out.write_all(b"}\n")
    }

    fn finish(mut self: Box<Self>) -> std::io::Result<()> {
        self.out.flush()
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Text(text) | Value::Id(text) | Value::Date(text) => text.as_str().into(),
        Value::Amount(amount) => amount.to_decimal_string().into(),
        Value::Integer(number) => (*number).into(),
        Value::Flag(crate::exports::table::Flag::Yes) => true.into(),
        Value::Flag(crate::exports::table::Flag::No) => false.into(),
        Value::Time(time) => time.to_rfc3339().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::table::Flag;
    use avstem_domain::money::{Currency, Money};

    const HEADING: Heading<'static> = Heading::of(
        crate::exports::table::columns![name: Text, amount: Amount, flag: Flag, n: Integer],
    );

    #[test]
    fn a_line_is_an_object_in_the_order_of_the_columns() {
        let amount = Money::from_minor(-24_900, Currency::parse("SEK").unwrap());
        let row = [
            Value::Text("=Å\n\"".to_owned()),
            Value::Amount(amount),
            Value::Flag(Flag::Yes),
            Value::Null,
        ];
        let mut out = Vec::new();
        let mut writer = begin(&HEADING, &mut out).unwrap();
        writer.row(&row).unwrap();
        assert!(writer.row(&row[..3]).is_err());
        writer.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"name\":\"=Å\\n\\\"\",\"amount\":\"-249.00\",\"flag\":true,\"n\":null}\n"
        );
    }
}
