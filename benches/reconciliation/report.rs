//! Stripe's payout reconciliation, itemized: every charge of the world, and what does not agree.

use super::Fees;
use super::row::{OF_A_PAYOUT, Standing, amount, at, charge, fee, major, payout, standing};
use avstem_domain::time::Timestamp;
use std::io::{self, Write};

const HEADER: &str = "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,net,reporting_category,source_id,description,customer_facing_amount,customer_facing_currency,charge_id,payment_intent_id,invoice_id,subscription_id,customer_id,customer_email,payment_method_type,card_brand,trace_id,trace_id_status";

/// A line of the report before it is text.
struct Line {
    row: u64,
    /// Makes its id.
    number: u64,
    gross: u64,
    fee: u64,
    at: String,
}

pub fn write(mut to: impl Write, rows: u64, fees: Fees) -> io::Result<()> {
    writeln!(to, "{HEADER}")?;
    let (mut number, mut kept) = (0, 0);
    for row in 0..rows {
        let at = clock(at(row, rows));
        let taken = match fees {
            Fees::EachLine => fee(row),
            Fees::Apart => 0,
        };
        let (times, gross) = match standing(row) {
            Standing::Agrees | Standing::NotInBooks => (1, amount(row)),
            Standing::OtherAmount => (1, amount(row) + 100),
            Standing::NotInReport => (0, 0),
            Standing::Twice => (2, amount(row)),
        };
        for _ in 0..times {
            let line = Line {
                row,
                number,
                gross,
                fee: taken,
                at: at.clone(),
            };
            line.write(&mut to)?;
            number += 1;
        }
        kept += fee(row);
        let last_of_payout = row % OF_A_PAYOUT == OF_A_PAYOUT - 1 || row + 1 == rows;
        if last_of_payout && fees == Fees::Apart {
            write_fee(&mut to, row, number, kept, &at)?;
            number += 1;
            kept = 0;
        }
    }
    to.flush()
}

impl Line {
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let Self {
            row, number, at, ..
        } = self;
        let [gross, fee, net] = [self.gross, self.fee, self.gross - self.fee].map(major);
        let (payout, charge) = (payout(*row), charge(*row));
        writeln!(
            to,
            "po_1Gnrt{payout:016},2026-10-30 00:00:00,txn_1Gnrt{number:016},{at},{at},2026-10-30 00:00:00,2026-10-30 00:00:00,sek,{gross},{fee},{net},charge,{charge},Subscription update,{gross},sek,{charge},pi_1Gnrt{row:016},in_1Gnrt{row:016},sub_1Gnrt{row:016},cus_Gnrt{row:010},kund-{row}@example.com,card,visa,GNRTTRACE{payout},supported"
        )
    }
}

fn write_fee(to: &mut impl Write, row: u64, number: u64, kept: u64, at: &str) -> io::Result<()> {
    let (kept, payout) = (major(kept), payout(row));
    writeln!(
        to,
        "po_1Gnrt{payout:016},2026-10-30 00:00:00,txn_1Gnrt{number:016},{at},{at},2026-10-30 00:00:00,2026-10-30 00:00:00,sek,-{kept},0.00,-{kept},fee,,Fees of a payout,,,,,,,,,,,GNRTTRACE{payout},supported"
    )
}

fn clock(seconds: i64) -> String {
    let time = Timestamp::from_unix_seconds(seconds).unwrap();
    time.to_utc().format("%Y-%m-%d %H:%M:%S").to_string()
}
