use super::*;
use crate::exports::vouchers::News;
use crate::store::rows::VoucherBatch;
use avstem_domain::time::Timestamp;

fn row(account: &str, connection: Option<&str>, amount: i64) -> Row {
    Row {
        account: Account::parse(account).unwrap(),
        connection: connection.map(str::to_owned),
        amount,
    }
}

fn voucher(day: &str, about: About, rows: Vec<Row>) -> Voucher {
    Voucher {
        day: day.parse().unwrap(),
        about,
        journals: 2,
        rows,
    }
}

fn batch(vouchers: Vec<Voucher>) -> Batch {
    Batch {
        row: VoucherBatch {
            batch: 3,
            first_day: Some("2025-12-01".to_owned()),
            last_day: None,
            last_position: 9,
            voucher_per: "day".to_owned(),
            series: "K".to_owned(),
            first_number: 17,
            vouchers: i64::try_from(vouchers.len()).unwrap(),
            exported_at: 0,
        },
        vouchers,
        journals: 4,
        journals_before: 1,
        as_of: Timestamp::parse_rfc3339("2026-01-31T23:30:00Z").unwrap(),
        news: News::Again,
    }
}

fn written(batch: &Batch, company: &str, currency: &str) -> Result<File, ExportError> {
    let book = Book {
        company,
        currency: Currency::parse(currency).unwrap(),
        chart: &Chart::built_in().unwrap(),
        zone: chrono_tz::Europe::Stockholm,
    };
    file(batch, &book)
}

/// A day with a refund, and a payout whose id is no id.
fn two_vouchers() -> Batch {
    let stripe = Some("stripe");
    batch(vec![
        voucher(
            "2025-12-31",
            About::Day,
            vec![
                row("income:refunds", None, 1_000),
                row("assets:provider:stripe", stripe, 24_900),
                row("assets:provider:stripe", stripe, -1_000),
                row("liabilities:vat", None, -4_980),
                row("liabilities:deferred_revenue", None, -19_920),
            ],
        ),
        voucher(
            "2026-01-02",
            About::Payout {
                connection: "stripe".to_owned(),
                payout: "po_\"1\"\r\n".to_owned(),
            },
            vec![
                row("assets:payouts_in_transit:stripe", stripe, 5),
                row("assets:provider:stripe", stripe, -5),
            ],
        ),
    ])
}

#[test]
fn a_file_is_in_the_order_of_the_standard_in_its_code_page() {
    let batch = two_vouchers();
    let file = written(&batch, "Åsas € AB", "SEK").unwrap();
    assert_eq!(file.replaced, 1);
    let expected = concat!(
        "#FLAGGA 0\r\n",
        "#PROGRAM \"Avstem\" ",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "#FORMAT PC8\r\n",
        "#GEN 20260201\r\n",
        "#SIETYP 4\r\n",
        "#PROSA \"Fil 3: verifikation K17 till K18, 4 bokningar, 2025-12-01 till slutet; 1 bokning i tidigare filer\"\r\n",
        "#FNAMN \"\u{8f}sas EUR AB\"\r\n",
        "#RAR 0 20260101 20261231\r\n",
        "#RAR -1 20250101 20251231\r\n",
        "#KPTYP EUBAS97\r\n",
        "#VALUTA SEK\r\n",
        "#KONTO 1686 \"Fordringar f\u{94}r kontokort och kuponger\"\r\n",
        "#KONTO 2611 \"Utg\u{86}ende moms p\u{86} f\u{94}rs\u{84}ljning inom Sverige, 25 %\"\r\n",
        "#KONTO 2970 \"F\u{94}rutbetalda int\u{84}kter\"\r\n",
        "#KONTO 3001 \"F\u{94}rs\u{84}ljning inom Sverige, 25 % moms\"\r\n",
        "#KTYP 1686 T\r\n",
        "#KTYP 2611 S\r\n",
        "#KTYP 2970 S\r\n",
        "#KTYP 3001 I\r\n",
        "#DIM 20 \"Betalleverant\u{94}r\"\r\n",
        "#OBJEKT 20 \"stripe\" \"stripe\"\r\n",
        "#VER \"K\" \"17\" 20251231 \"Betalningar 2025-12-31, 2 bokningar\"\r\n",
        "{\r\n",
        "   #TRANS 1686 {\"20\" \"stripe\"} 249.00 20251231 \"assets:provider:stripe\"\r\n",
        "   #TRANS 3001 {} 10.00 20251231 \"income:refunds\"\r\n",
        "   #TRANS 1686 {\"20\" \"stripe\"} -10.00 20251231 \"assets:provider:stripe\"\r\n",
        "   #TRANS 2611 {} -49.80 20251231 \"liabilities:vat\"\r\n",
        "   #TRANS 2970 {} -199.20 20251231 \"liabilities:deferred_revenue\"\r\n",
        "}\r\n",
        "#VER \"K\" \"18\" 20260102 \"Utbetalning po_\\\"1\\\"   fr\u{86}n stripe, 2 bokningar\"\r\n",
        "{\r\n",
        "   #TRANS 1686 {\"20\" \"stripe\"} 0.05 20260102 \"assets:payouts_in_transit:stripe\"\r\n",
        "   #TRANS 1686 {\"20\" \"stripe\"} -0.05 20260102 \"assets:provider:stripe\"\r\n",
        "}\r\n",
    );
    // Each character is one byte here.
    let bytes: Vec<u8> = expected.chars().map(|c| u8::try_from(c).unwrap()).collect();
    assert_eq!(
        String::from_utf8_lossy(&file.bytes),
        String::from_utf8_lossy(&bytes)
    );
    assert_eq!(file.bytes, bytes);
}

#[test]
fn a_file_without_vouchers_says_where_they_are() {
    let file = written(&batch(Vec::new()), "Avstem", "SEK").unwrap();
    let text = String::from_utf8_lossy(&file.bytes);
    assert!(
        !text.contains("#VER") && !text.contains("#KONTO") && !text.contains("#RAR"),
        "{text}"
    );
    assert!(
        text.contains(
            "Inga nya verifikationer, 2025-12-01 till slutet; 1 bokning i tidigare filer"
        ),
        "{text}"
    );
}

#[test]
fn books_with_more_decimals_than_the_format_has_are_refused() {
    assert!(written(&batch(Vec::new()), "Avstem", "JPY").is_ok());
    let refused = written(&batch(Vec::new()), "Avstem", "KWD").unwrap_err();
    assert!(refused.to_string().contains("KWD has more"), "{refused}");
}
