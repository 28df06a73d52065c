//! PayPal beyond the samples: currencies, tabs, languages, and rows that move nothing.

use crate::desk::{Read, read, read_with, sample, stockholm, text};
use avstem_domain::statement::LineKind;
use avstem_statements::context::DateOrder;
use avstem_statements::error::ReadError;
use avstem_statements::problem::ProblemCode;

const STL: &str = "paypal_STL-20261015.01.009.CSV";
const DOWNLOAD: &str = "paypal_activity_download.csv";

fn download(rows: &str) -> Result<Read, ReadError> {
    let header = text(DOWNLOAD).lines().next().unwrap().to_owned();
    read(format!("{header}\n{rows}\n").as_bytes())
}

fn row(
    date: &str,
    zone: &str,
    words: &str,
    status: &str,
    amounts: [&str; 3],
    id: &str,
    impact: &str,
) -> String {
    let [gross, fee, net] = amounts;
    format!(
        "\"{date}\",\"09:15:00\",\"{zone}\",\"Kund AB\",\"{words}\",\"{status}\",\"SEK\",\"{gross}\",\"{fee}\",\"{net}\",\"{id}\",\"\",\"\",\"0,00\",\"{impact}\""
    )
}

#[test]
fn the_report_may_come_with_tabs() {
    let tabs = text(STL).replace(',', "\t");
    assert_eq!(read(tabs.as_bytes()).unwrap().lines, sample(STL).lines);
}

#[test]
fn yen_have_two_implied_decimals_too() {
    let yen = text(STL)
        .replace("\"SEK\"", "\"JPY\"")
        .replace("705", "700")
        .replace("1127", "1100")
        .replace("1977", "2000");
    let yen = yen
        .replace("23068", "23100")
        .replace("47923", "47900")
        .replace("83491", "83500")
        .replace("3809", "3800");
    let read = read(yen.as_bytes()).unwrap();
    assert_eq!(read.lines[0].amounts.gross().to_string(), "125 JPY");
    let sen = yen.replace("\"CR\",12500,\"JPY\"", "\"CR\",12550,\"JPY\"");
    assert!(matches!(
        crate::desk::read(sen.as_bytes()),
        Err(ReadError::ControlTotal { .. })
    ));
}

#[test]
fn a_fee_of_nothing_needs_no_currency() {
    let all = text(STL).replace(
        "\"DR\",12500,\"SEK\",\"\",,\"\"",
        "\"DR\",12500,\"SEK\",\"\",0,\"\"",
    );
    assert_ne!(all, text(STL));
    assert_eq!(read(all.as_bytes()).unwrap().lines, sample(STL).lines);
    let euro = text(STL).replace("\"DR\",705,\"SEK\"", "\"DR\",705,\"EUR\"");
    assert!(matches!(
        read(euro.as_bytes()),
        Err(ReadError::ControlTotal { .. })
    ));
}

#[test]
fn sections_by_currency_each_have_their_footer() {
    let all = text(STL);
    let start = all.find("\"SH\"").unwrap();
    let end = all.find("\"RF\"").unwrap();
    let section = all[start..end].to_owned();
    let euro = section.replace("\"SEK\"", "\"EUR\"").replace("5SM", "6SM");
    let report = "\"RF\",\"EUR\",87300,83491,0,3809\r\n";
    let file = format!(
        "{}{section}{euro}{report}{}",
        &all[..start],
        all[end..].replace("\"RC\",6", "\"RC\",12")
    );
    let read = read(file.as_bytes()).unwrap();
    assert_eq!((read.lines.len(), read.summary.totals.len()), (12, 2));
}

#[test]
fn a_report_without_its_last_footer_was_cut() {
    let all = text(STL);
    for footer in ["\"SC\"", "\"FF\""] {
        let cut = &all[..all.find(footer).unwrap()];
        let error = read(cut.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::Cut { .. }), "{footer}: {error}");
    }
    let unknown = all.replace("\"FH\",01", "\"ZZ\",01");
    assert!(matches!(
        read(unknown.as_bytes()),
        Err(ReadError::NotThisFormat { .. })
    ));
}

#[test]
fn the_download_is_read_in_german_swedish_and_french() {
    let wanted = sample(DOWNLOAD);
    let german = [
        (
            "\"Date\",\"Time\",\"TimeZone\",\"Name\",\"Type\",\"Status\",\"Currency\",\"Gross\",\"Fee\",\"Net\",\"Transaction ID\",\"Invoice Number\",\"Reference Txn ID\",\"Balance\",\"Balance Impact\"",
            "\"Datum\",\"Uhrzeit\",\"Zeitzone\",\"Name\",\"Typ\",\"Status\",\"Währung\",\"Brutto\",\"Gebühr\",\"Netto\",\"Transaktionscode\",\"Rechnungsnummer\",\"Zugehöriger Transaktionscode\",\"Guthaben\",\"Auswirkung auf Guthaben\"",
        ),
        ("Subscription Payment", "Abonnementzahlung"),
        ("Payment Refund", "Rückzahlung"),
        ("General Withdrawal", "Allgemeine Abbuchung"),
        ("Completed", "Abgeschlossen"),
        ("Credit", "Haben"),
        ("Debit", "Soll"),
        ("/10/2026", ".10.2026"),
    ];
    let swedish = [
        (
            german[0].0,
            "\"Datum\",\"Tid\",\"Tidszon\",\"Namn\",\"Typ\",\"Status\",\"Valuta\",\"Brutto\",\"Avgift\",\"Netto\",\"Transaktions-ID\",\"Fakturanummer\",\"Referens-ID för transaktion\",\"Saldo\",\"Saldopåverkan\"",
        ),
        ("Subscription Payment", "Abonnemangsbetalning"),
        ("Payment Refund", "Återbetalning"),
        ("General Withdrawal", "Allmänt uttag"),
        ("Completed", "Slutförd"),
        ("Credit", "Kredit"),
        ("Debit", "Debet"),
        ("/10/2026", "/10/2026"),
    ];
    for language in [german, swedish] {
        let translated = language
            .iter()
            .fold(text(DOWNLOAD), |all, (from, to)| all.replace(from, to));
        let found = read(translated.as_bytes()).unwrap();
        assert_eq!(found.problems, []);
        let plain = |read: &Read| {
            read.lines
                .iter()
                .map(|line| (line.id.clone(), line.amounts, line.occurred_at))
                .collect::<Vec<_>>()
        };
        assert_eq!(plain(&found), plain(&wanted));
    }
}

#[test]
fn the_style_of_numbers_and_dates_follows_from_the_file() {
    let american = download(&row(
        "10/02/2026",
        "PDT",
        "Subscription Payment",
        "Completed",
        ["1,250.00", "-20.55", "1,229.45"],
        "T1",
        "Credit",
    ))
    .unwrap();
    assert_eq!(
        american.lines[0].occurred_at.to_rfc3339(),
        "2026-10-02T16:15:00Z"
    );
    assert_eq!(american.lines[0].amounts.net().minor(), 122_945);
    let british = download(&row(
        "02/10/2026",
        "BST",
        "Subscription Payment",
        "Completed",
        ["1,250.00", "-20.55", "1,229.45"],
        "T1",
        "Credit",
    ))
    .unwrap();
    assert_eq!(
        british.lines[0].occurred_at.to_rfc3339(),
        "2026-10-02T08:15:00Z"
    );
    let mut context = stockholm();
    context.date_order = Some(DateOrder::MonthFirst);
    let told = text(DOWNLOAD)
        .lines()
        .take(3)
        .collect::<Vec<_>>()
        .join("\n")
        + "\n";
    let read = read_with(told.as_bytes(), &context).unwrap();
    assert_eq!(
        read.lines[0].occurred_at.to_rfc3339(),
        "2026-02-10T07:15:00Z"
    );
}

#[test]
fn a_day_that_shows_the_other_order_refuses_the_file() {
    let mut context = stockholm();
    context.date_order = Some(DateOrder::MonthFirst);
    let error = read_with(
        text(DOWNLOAD)
            .replace("02/10/2026", "10/13/2026")
            .replace("15/10", "13/10")
            .as_bytes(),
        &context,
    )
    .unwrap_err();
    let ReadError::DateOrder { row, found, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!((*row, found.as_str()), (7, "13/10/2026"));
}

#[test]
fn numbers_in_two_styles_are_a_problem() {
    let one = row(
        "02/10/2026",
        "CEST",
        "Subscription Payment",
        "Completed",
        ["125,00", "-7,05", "117,95"],
        "T1",
        "Credit",
    );
    let other = row(
        "02/10/2026",
        "CEST",
        "Subscription Payment",
        "Completed",
        ["125.00", "-7.05", "117.95"],
        "T2",
        "Credit",
    );
    let read = download(&format!("{one}\n{other}")).unwrap();
    let [problem] = read.problems.as_slice() else {
        panic!("{:?}", read.problems);
    };
    assert_eq!((problem.row, problem.code), (3, ProblemCode::NotAnAmount));
    assert!(problem.expected.contains("comma"), "{problem}");
}

#[test]
fn what_is_pending_or_a_memo_moves_nothing() {
    let rows = [
        row(
            "02/10/2026",
            "CEST",
            "Subscription Payment",
            "Pending",
            ["125,00", "-7,05", "117,95"],
            "T1",
            "Memo",
        ),
        row(
            "02/10/2026",
            "CEST",
            "Subscription Payment",
            "Denied",
            ["125,00", "0,00", "125,00"],
            "T2",
            "",
        ),
        row(
            "03/10/2026",
            "CEST",
            "Subscription Payment",
            "Completed",
            ["125,00", "-7,05", "117,95"],
            "T1",
            "Credit",
        ),
        row(
            "03/10/2026",
            "CEST",
            "Subscription Payment",
            "Gronk",
            ["125,00", "-7,05", "117,95"],
            "T3",
            "",
        ),
        row(
            "03/10/2026",
            "CEST",
            "Quark",
            "Completed",
            ["1,00", "0,00", "1,00"],
            "T4",
            "Credit",
        ),
        row(
            "03/10/2026",
            "CEST",
            "Subscription Payment",
            "Completed",
            ["125,00", "7,05", "117,95"],
            "T5",
            "Credit",
        ),
    ];
    let read = download(&rows.join("\n")).unwrap();
    let kinds: Vec<_> = read.lines.iter().map(|line| line.kind.to_text()).collect();
    assert_eq!(
        kinds,
        ["memo:pending", "memo:denied", "charge", "other:Quark"]
    );
    assert!(read.lines[0].amounts.net().is_zero());
    let codes: Vec<_> = read.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::NotAWord, ProblemCode::DoesNotAddUp]);
}

#[test]
fn a_column_of_event_codes_beats_the_words() {
    let all = text(DOWNLOAD)
        .replace("\"Balance\",", "\"Transaction Event Code\",")
        .replace("\"117,95\",\"Credit\"", "\"T1110\",\"Credit\"");
    let read = read(all.as_bytes()).unwrap();
    assert_eq!(read.lines[0].kind, LineKind::ReserveReleased);
}
