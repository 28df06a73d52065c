//! MT940 beyond the sample.

use crate::desk::{Read, read, read_with, sample, sek, stockholm, text};
use avstem_domain::statement::bank::EntryState;
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::error::ReadError;
use avstem_statements::problem::ProblemCode;

const MT940: &str = "bank_mt940.sta";

fn changed(from: &str, to: &str) -> Result<Read, ReadError> {
    let all = text(MT940);
    assert!(all.contains(from), "{from}");
    read(all.replace(from, to).as_bytes())
}

fn message(number: &str, opening: &str, entries: &str, closing: &str) -> String {
    format!(
        ":20:M\n:25:SE4550000000058398257466\n:28C:{number}\n:{opening}\n{entries}:{closing}\n-\n"
    )
}

#[test]
fn balances_that_do_not_follow_refuse_the_file() {
    for (from, to) in [
        ("SEK55671,45\r\n:64:", "SEK55671,46\r\n:64:"),
        ("C261001SEK50000,00", "D261001SEK50000,00"),
        ("D1500,00NTRF", "C1500,00NTRF"),
        ("D1500,00NTRF", "D1500.00NTRF"),
    ] {
        let error = changed(from, to).unwrap_err();
        assert!(matches!(error, ReadError::ControlTotal { .. }), "{error}");
    }
    for (from, to) in [
        ("C261001SEK50000,00", "C261001SEK50000.00"),
        ("C261001SEK50000,00", "C26100SEK1,"),
    ] {
        let error = changed(from, to).unwrap_err();
        assert!(
            matches!(&error, ReadError::Malformed { row: 5, column, .. } if column == ":60F:"),
            "{error}"
        );
    }
}

#[test]
fn a_bad_entry_is_a_problem_with_its_line() {
    let read = changed(":61:2610131013D2,00NCHG", ":61:2610131313D2,00NCHG").map(|_| ());
    assert!(matches!(read, Err(ReadError::ControlTotal { .. })));
    let repeated = message(
        "1/1",
        "60F:C261001SEK0,00",
        ":61:261005C1,00NTRFA//R123456\n",
        "62F:C261005SEK1,00",
    );
    let read = crate::desk::read(format!("{repeated}{repeated}").as_bytes()).unwrap();
    let problem = &read.problems[0];
    assert_eq!((problem.row, problem.code), (12, ProblemCode::Repeated));
    assert_eq!(read.entries.len(), 1);
}

#[test]
fn pages_with_interim_balances_are_one_statement() {
    let twin = ":61:261005C1,00NTRFNONREF\n:86:SAME\n";
    let first = message("7/1", "60F:C261001SEK0,00", twin, "62M:C261005SEK1,00");
    let second = message("7/2", "60M:C261001SEK1,00", twin, "62F:C261005SEK2,00");
    let read = read(format!("{first}{second}").as_bytes()).unwrap();
    assert_eq!((read.entries.len(), read.summary.statements.len()), (2, 2));
    assert_eq!(read.booked(), sek(200));
    assert_ne!(read.entries[0].id, read.entries[1].id);
}

#[test]
fn a_message_without_its_closing_balance_was_cut() {
    let all = text(MT940);
    let cut = &all[..all.find(":62F:").unwrap()];
    assert!(matches!(read(cut.as_bytes()), Err(ReadError::Cut { .. })));
    let two = format!("{cut}-}}\r\n{all}");
    let error = read(two.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::Cut { row: 28, .. }), "{error}");
}

#[test]
fn swedish_letters_in_windows_1252_are_kept() {
    let mut bytes = text(MT940)
        .replace("HYRA OKT 2026", "HYRA \u{1}KTOBER")
        .into_bytes();
    let at = bytes.iter().position(|byte| *byte == 1).unwrap();
    bytes[at] = 0xd6;
    let read = read(&bytes).unwrap();
    assert_eq!(read.entries[1].text, "HYRA ÖKTOBER FASTIGHETS AB HYRAN");
}

#[test]
fn a_narrative_may_go_on_over_lines_and_be_missing() {
    let read = changed(
        ":86:HYRA OKT 2026 FASTIGHETS AB HYRAN\r\n",
        ":86:HYRA OKT 2026\r\nFASTIGHETS AB HYRAN\r\n",
    )
    .unwrap();
    assert_eq!(read.entries[1].text, "HYRA OKT 2026 FASTIGHETS AB HYRAN");
    let read = changed(":86:HYRA OKT 2026 FASTIGHETS AB HYRAN\r\n", "").unwrap();
    assert_eq!(read.entries[1].text, "");
    assert_eq!(read.entries.len(), 10);
}

#[test]
fn an_account_by_its_swedish_number_has_the_same_lines() {
    let whole = sample(MT940);
    let mut context = stockholm();
    context.account = Some(BankAccount::parse("SE4550000000058398257466").unwrap());
    for number in [
        "5839-8257466",
        "ESSESESS/58398257466",
        "58398257466SEK",
        "58398257466 SEK",
    ] {
        let all = text(MT940).replace(":25:SE4550000000058398257466", &format!(":25:{number}"));
        let read = read_with(all.as_bytes(), &context).unwrap();
        assert_eq!(read.entries, whole.entries, "{number}");
    }
}

#[test]
fn expected_entries_are_pending_and_outside_of_the_balance() {
    let entries = ":61:261005C1,00NTRFA//R1\n:61:261006EC5,00NTRFB//R2\n";
    let read =
        read(message("1", "60F:C261001SEK0,", entries, "62F:C261005SEK1,").as_bytes()).unwrap();
    assert_eq!(read.entries[1].state, EntryState::Pending);
    assert_eq!(read.booked(), sek(100));
}

#[test]
fn fields_outside_of_their_places_are_refused() {
    let cases = [
        (
            ":20:A\n:25:SE4550000000058398257466\n:28C:1\n:61:261005C1,00NTRFA\n:60F:C261001SEK0,00\n",
            ":61:",
        ),
        (
            ":20:A\n:28C:1\n:60F:C261001SEK0,00\n:25:SE4550000000058398257466\n",
            ":60F:",
        ),
        (":20:A\n:25:??\n:60F:C261001SEK0,00\n", ":25:"),
    ];
    for (bytes, tag) in cases {
        let error = read(bytes.as_bytes()).unwrap_err();
        assert!(
            matches!(&error, ReadError::Malformed { column, .. } if column == tag),
            "{error}"
        );
    }
}
