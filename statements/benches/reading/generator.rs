//! Files of any size, of each format, whose totals are right. The same size makes the same bytes.

use std::fmt::Write;

/// Writes a file with so many rows.
pub type Generate = fn(u64) -> String;

/// A format's name, and what writes files of it.
pub const GENERATORS: &[(&str, Generate)] = &[
    ("stripe_payout_reconciliation", stripe_payout_reconciliation),
    ("stripe_balance_change", stripe_balance_change),
    ("stripe_payouts", stripe_payouts),
    ("stripe_balance_history", stripe_balance_history),
    ("paypal_settlement", paypal_settlement),
    ("paypal_activity", paypal_activity),
    ("adyen_settlement", adyen_settlement),
    ("adyen_accounting", adyen_accounting),
    ("camt053", camt053),
    ("mt940", mt940),
    ("bank_csv", bank_csv),
];

/// Rows of one payout, batch or day.
const GROUP: u64 = 400;

/// A charge in öre and what the provider keeps of it.
struct Sale {
    gross: u64,
    fee: u64,
}

impl Sale {
    const fn of(row: u64) -> Self {
        let gross = 5_000 + row.wrapping_mul(7_919) % 495_000;
        Self {
            gross,
            fee: gross * 14 / 1_000 + 180,
        }
    }

    const fn net(&self) -> u64 {
        self.gross - self.fee
    }
}

/// Text that grows; writing to it cannot fail.
macro_rules! put {
    ($text:expr, $($what:tt)*) => { let _ = write!($text, $($what)*); };
}

fn major(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn comma(minor: u64) -> String {
    format!("{},{:02}", minor / 100, minor % 100)
}

/// Day of October 2026 for a row's group.
const fn day(row: u64) -> u64 {
    1 + (row / GROUP) % 28
}

fn second_of_day(row: u64) -> String {
    let second = row.wrapping_mul(37) % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

pub fn stripe_payout_reconciliation(rows: u64) -> String {
    let mut text = String::from(
        "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,net,reporting_category,source_id,description,customer_facing_amount,customer_facing_currency,charge_id,payment_intent_id,invoice_id,subscription_id,customer_id,customer_email,payment_method_type,card_brand,trace_id,trace_id_status\n",
    );
    for row in 0..rows {
        let sale = Sale::of(row);
        let (group, at, day) = (row / GROUP, second_of_day(row), day(row));
        let [gross, fee, net] = [sale.gross, sale.fee, sale.net()].map(major);
        put!(
            text,
            "po_1Gnrt{group:016},2026-10-30 00:00:00,txn_1Gnrt{row:016},2026-10-{day:02} {at},2026-10-{day:02} {at},2026-10-30 00:00:00,2026-10-30 00:00:00,sek,{gross},{fee},{net},charge,ch_1Gnrt{row:016},Subscription update,{gross},sek,ch_1Gnrt{row:016},pi_1Gnrt{row:016},in_1Gnrt{row:016},sub_1Gnrt{row:016},cus_Gnrt{row:010},kund-{row}@example.com,card,visa,GNRTTRACE{group},supported\n"
        );
    }
    text
}

pub fn stripe_balance_change(rows: u64) -> String {
    let mut text = String::from(
        "balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,net,reporting_category,source_id,description,customer_facing_amount,customer_facing_currency,automatic_payout_id,automatic_payout_effective_at\n",
    );
    for row in 0..rows {
        let sale = Sale::of(row);
        let (group, at, day) = (row / GROUP, second_of_day(row), day(row));
        let [gross, fee, net] = [sale.gross, sale.fee, sale.net()].map(major);
        put!(
            text,
            "txn_1Gnrt{row:016},2026-10-{day:02} {at},2026-10-{day:02} {at},2026-10-30 00:00:00,2026-10-30 00:00:00,sek,{gross},{fee},{net},charge,ch_1Gnrt{row:016},Subscription update,{gross},sek,po_1Gnrt{group:016},2026-10-30 00:00:00\n"
        );
    }
    text
}

pub fn stripe_payouts(rows: u64) -> String {
    let mut text = String::from(
        "payout_id,effective_at_utc,effective_at,currency,balance_transaction_id,gross,fee,net,reporting_category,description,payout_expected_arrival_date,payout_status,payout_reversed_at,payout_type,payout_description,payout_destination_id,trace_id,trace_id_status\n",
    );
    for row in 0..rows {
        let amount = major(Sale::of(row).gross);
        let day = day(row);
        put!(
            text,
            "po_1Gnrt{row:016},2026-10-{day:02} 00:00:00,2026-10-{day:02} 00:00:00,sek,txn_1Gnrt{row:016},-{amount},0.00,-{amount},payout,STRIPE PAYOUT,2026-10-{day:02},paid,,bank_account,STRIPE PAYOUT,ba_1Gnrt,GNRTTRACE{row},supported\n"
        );
    }
    text
}

pub fn stripe_balance_history(rows: u64) -> String {
    let mut text = String::from(
        "id,Type,Source,Amount,Fee,Destination Platform Fee,Destination Platform Fee Currency,Net,Currency,Created (UTC),Available On (UTC),Description,Customer Facing Amount,Customer Facing Currency,Transfer,Transfer Date (UTC),Transfer Group\n",
    );
    for row in 0..rows {
        let sale = Sale::of(row);
        let (group, day) = (row / GROUP, day(row));
        let [gross, fee, net] = [sale.gross, sale.fee, sale.net()].map(major);
        put!(
            text,
            "txn_1Gnrt{row:016},charge,ch_1Gnrt{row:016},{gross},{fee},,,{net},sek,2026-10-{day:02} 09:12,2026-10-30 00:00,Subscription update,{gross},sek,po_1Gnrt{group:016},2026-10-30 00:00,\n"
        );
    }
    text
}

pub fn paypal_settlement(rows: u64) -> String {
    let mut text = String::from(
        "\"RH\",2026/10/31 04:12:07 +0100,\"A\",\"GNRTMERCHANT1\",009\r\n\"FH\",01\r\n\"SH\",2026/10/01 00:00:00 +0200,2026/10/30 23:59:59 +0100,\"GNRTMERCHANT1\",\"\"\r\n\"CH\",\"Transaction ID\",\"Invoice ID\",\"PayPal Reference ID\",\"PayPal Reference ID Type\",\"Transaction Event Code\",\"Transaction Initiation Date\",\"Transaction Completion Date\",\"Transaction Debit or Credit\",\"Gross Transaction Amount\",\"Gross Transaction Currency\",\"Fee Debit or Credit\",\"Fee Amount\",\"Fee Currency\",\"Custom Field\",\"Consumer ID\",\"Payment Tracking ID\",\"Store ID\",\"Bank Reference ID\",\"Credit Transactional Fee\",\"Credit Promotional Fee\",\"Credit Term\"\r\n",
    );
    let (mut credits, mut fees) = (0, 0);
    for row in 0..rows {
        let Sale { gross, fee } = Sale::of(row);
        credits += gross;
        fees += fee;
        let (at, day) = (second_of_day(row), day(row));
        put!(
            text,
            "\"SB\",\"5GN{row:014}\",\"ord-{row}\",\"I-GNRTSUB{row:08}\",\"SUB\",\"T0002\",2026/10/{day:02} {at} +0200,2026/10/{day:02} {at} +0200,\"CR\",{gross},\"SEK\",\"DR\",{fee},\"SEK\",\"\",\"GNRTPAYER\",\"\",\"\",\"\",,,\"\"\r\n"
        );
    }
    put!(
        text,
        "\"SF\",\"SEK\",{credits},0,0,{fees},\"CR\",0,\"CR\",0\r\n\"SC\",{rows}\r\n\"RF\",\"SEK\",{credits},0,0,{fees}\r\n\"RC\",{rows}\r\n\"FF\",{rows}\r\n"
    );
    text
}

pub fn paypal_activity(rows: u64) -> String {
    let mut text = String::from(
        "\u{feff}\"Date\",\"Time\",\"TimeZone\",\"Name\",\"Type\",\"Status\",\"Currency\",\"Gross\",\"Fee\",\"Net\",\"Transaction ID\",\"Invoice Number\",\"Reference Txn ID\",\"Balance\",\"Balance Impact\"\n",
    );
    let mut balance = 0;
    for row in 0..rows {
        let sale = Sale::of(row);
        balance += sale.net();
        let (at, day) = (second_of_day(row), day(row));
        let [gross, fee, net, balance] = [sale.gross, sale.fee, sale.net(), balance].map(comma);
        put!(
            text,
            "\"{day:02}/10/2026\",\"{at}\",\"CEST\",\"Kund AB\",\"Subscription Payment\",\"Completed\",\"SEK\",\"{gross}\",\"-{fee}\",\"{net}\",\"5GN{row:014}\",\"ord-{row}\",\"I-GNRTSUB{row:08}\",\"{balance}\",\"Credit\"\n"
        );
    }
    text
}

pub fn adyen_settlement(rows: u64) -> String {
    let mut text = String::from(
        "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Payment Method Variant,Modification Merchant Reference,Batch Number,Reserved4,Reserved5,Reserved6,Reserved7,Reserved8,Reserved9,Reserved10\n",
    );
    let mut paid = 0;
    for row in 0..rows {
        let last_of_batch = row % GROUP == GROUP - 1 || row + 1 == rows;
        let (batch, at, day) = (row / GROUP, second_of_day(row), day(row));
        if last_of_batch && paid > 0 {
            let amount = major(paid);
            put!(
                text,
                "GnrtMedia,GnrtMediaSE,,,,2026-10-{day:02} 23:59:59,CEST,MerchantPayout,\"TXGNRT{batch}XT batch {batch}, GnrtMediaSE\",,,,,SEK,{amount},,,,,,,,{batch},,,,,,,\n"
            );
            paid = 0;
            continue;
        }
        let sale = Sale::of(row);
        // A single row has no payout to balance it, so it moves nothing.
        let (gross, fee, net) = if last_of_batch {
            (0, 0, 0)
        } else {
            (sale.gross, sale.fee, sale.net())
        };
        paid += net;
        let [gross, fee, net] = [gross, fee, net].map(major);
        put!(
            text,
            "GnrtMedia,GnrtMediaSE,8816GNRT{row:08},ord-{row},visa,2026-10-{day:02} {at},CEST,Settled,8817GNRT{row:08},SEK,,{gross},1,SEK,,{net},{fee},,,,visastandarddebit,,{batch},,,,,,,\n"
        );
    }
    text
}

pub fn adyen_accounting(rows: u64) -> String {
    let mut text = String::from(
        "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Booking Date,TimeZone,Main Currency,Main Amount,Record Type,Payment Currency,Received (PC),Authorized (PC),Captured (PC),Settlement Currency,Payable (SC),Commission (SC),Markup (SC),Scheme Fees (SC),Interchange (SC),Processing Fee Currency,Processing Fee (FC),User Name,Payment Method Variant,Modification Merchant Reference\n",
    );
    for row in 0..rows {
        let sale = Sale::of(row);
        let (at, day) = (second_of_day(row), day(row));
        let [gross, fee, net] = [sale.gross, sale.fee, sale.net()].map(major);
        put!(
            text,
            "GnrtMedia,GnrtMediaSE,8816GNRT{row:08},ord-{row},visa,2026-10-{day:02} {at},CEST,SEK,{gross},Settled,SEK,,,-{gross},SEK,{net},{fee},,,,,,,visastandarddebit,\n"
        );
    }
    text
}

pub fn camt053(rows: u64) -> String {
    let closing: u64 = (0..rows).map(|row| Sale::of(row).gross).sum();
    let closing = major(closing);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\n<BkToCstmrStmt>\n<GrpHdr><MsgId>GNRT</MsgId><CreDtTm>2026-10-31T04:00:00+01:00</CreDtTm></GrpHdr>\n<Stmt>\n<Id>GNRT-1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2026-10-31T04:00:00+01:00</CreDtTm>\n<Acct><Id><IBAN>SE4550000000058398257466</IBAN></Id><Ccy>SEK</Ccy></Acct>\n<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"SEK\">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-01</Dt></Dt></Bal>\n<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"SEK\">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-30</Dt></Dt></Bal>\n<TxsSummry><TtlNtries><NbOfNtries>{rows}</NbOfNtries></TtlNtries></TxsSummry>\n"
    );
    for row in 0..rows {
        let amount = major(Sale::of(row).gross);
        let day = day(row);
        put!(
            text,
            "<Ntry><NtryRef>{row}</NtryRef><Amt Ccy=\"SEK\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-10-{day:02}</Dt></BookgDt><ValDt><Dt>2026-10-{day:02}</Dt></ValDt><AcctSvcrRef>GN202610{day:02}-{row:06}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>\n<NtryDtls><TxDtls><Refs><AcctSvcrRef>GN202610{day:02}-{row:06}</AcctSvcrRef><EndToEndId>po_1Gnrt{row:016}</EndToEndId></Refs><Amt Ccy=\"SEK\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>STRIPE PAYMENTS &amp; CO</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>STRIPE GNRTTRACE{row}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        );
    }
    text.push_str("</Stmt>\n</BkToCstmrStmt>\n</Document>\n");
    text
}

pub fn mt940(rows: u64) -> String {
    let closing: u64 = (0..rows).map(|row| Sale::of(row).gross).sum();
    let mut text = String::from(
        "{1:F01GNRTSESSAXXX0000000000}{2:I940EXMPSESSXXXXN}{4:\r\n:20:GNRT940-1\r\n:25:SE4550000000058398257466\r\n:28C:1/1\r\n:60F:C261001SEK0,00\r\n",
    );
    for row in 0..rows {
        let amount = comma(Sale::of(row).gross);
        let day = day(row);
        put!(
            text,
            ":61:2610{day:02}10{day:02}C{amount}NTRFpo_1Gnrt{row:08}//2610{day:02}{row:06}\r\n:86:STRIPE GNRTTRACE{row} STRIPE PAYMENTS EUROPE LTD\r\n"
        );
    }
    let closing = comma(closing);
    put!(text, ":62F:C261030SEK{closing}\r\n-}}\r\n");
    text
}

/// Columns: Datum;Valuta;Text;Motpart;Referens;Belopp;Saldo, with decimal commas.
pub fn bank_csv(rows: u64) -> String {
    let mut text = String::from("Datum;Valuta;Text;Motpart;Referens;Belopp;Saldo\r\n");
    let mut balance = 0;
    for row in 0..rows {
        let gross = Sale::of(row).gross;
        balance += gross;
        let [amount, balance] = [gross, balance].map(comma);
        let day = day(row);
        put!(
            text,
            "2026-10-{day:02};2026-10-{day:02};STRIPE GNRTTRACE{row};STRIPE PAYMENTS EUROPE LTD;2610{day:02}{row:06};{amount};{balance}\r\n"
        );
    }
    text
}
