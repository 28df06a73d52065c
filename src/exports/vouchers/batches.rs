//! Which journals a batch takes.
//!
//! A batch covers its days up to the last position there was then. What a batch before it covers has
//! left with that one.

use super::Wanted;
use crate::config::VoucherPer;
use crate::exports::ExportError;
use crate::exports::kinds::Days;
use crate::store::rows::VoucherBatch;
use chrono::NaiveDate;

/// A batch that is to be written, and those before it.
pub(super) struct Plan {
    pub row: VoucherBatch,
    pub per: VoucherPer,
    before: Vec<Left>,
}

/// What left with a batch.
struct Left {
    days: Days,
    last_position: i64,
}

impl Plan {
    /// The next batch, which takes what is left.
    pub fn next(
        known: &[VoucherBatch],
        wanted: &Wanted<'_>,
        last_position: i64,
    ) -> Result<Self, ExportError> {
        let end = |row: &VoucherBatch| row.first_number.saturating_add(row.vouchers);
        let own = known.iter().filter(|row| row.series == wanted.series);
        let text = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        let row = VoucherBatch {
            batch: known.last().map_or(0, |row| row.batch).saturating_add(1),
            first_day: text(wanted.days.from),
            last_day: text(wanted.days.to),
            last_position,
            voucher_per: wanted.per.as_str().to_owned(),
            series: wanted.series.to_owned(),
            first_number: own.map(end).max().unwrap_or(1),
            vouchers: 0,
            exported_at: wanted.now.as_micros(),
        };
        Self::of(row, known)
    }

    /// The newest batch of exactly these days, once more.
    pub fn again(known: &[VoucherBatch], days: Days) -> Result<Option<Self>, ExportError> {
        for (at, row) in known.iter().enumerate().rev() {
            if Left::of(row)?.days == days {
                let before = known.get(..at).unwrap_or_default();
                return Self::of(row.clone(), before).map(Some);
            }
        }
        Ok(None)
    }

    fn of(row: VoucherBatch, before: &[VoucherBatch]) -> Result<Self, ExportError> {
        let per = VoucherPer::parse(&row.voucher_per).ok_or_else(|| {
            let batch = row.batch.to_string();
            ExportError::unreadable("the voucher batch", &batch, "it is per nothing we know")
        })?;
        Ok(Self {
            row,
            per,
            before: before.iter().map(Left::of).collect::<Result<_, _>>()?,
        })
    }

    /// Whether a journal of its days leaves with it.
    pub fn takes(&self, day: NaiveDate, position: i64) -> bool {
        self.taken_by(day, position).is_none()
    }

    /// The last position of the batch that a journal left with; it is what could be known of it then.
    pub fn knew(&self, day: NaiveDate, position: i64) -> i64 {
        self.taken_by(day, position)
            .map_or(self.row.last_position, |left| left.last_position)
    }

    fn taken_by(&self, day: NaiveDate, position: i64) -> Option<&Left> {
        self.before
            .iter()
            .find(|left| position <= left.last_position && left.days.contain(day))
    }
}

impl Left {
    fn of(row: &VoucherBatch) -> Result<Self, ExportError> {
        let day = |text: &Option<String>| {
            text.as_deref()
                .map(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d"))
                .transpose()
                .map_err(|error| {
                    ExportError::unreadable("the voucher batch", &row.batch.to_string(), error)
                })
        };
        Ok(Self {
            days: Days {
                from: day(&row.first_day)?,
                to: day(&row.last_day)?,
            },
            last_position: row.last_position,
        })
    }
}
