//! camt.053 beyond the samples.

use crate::desk::{Read, read, read_with, sample, sek, stockholm, text};
use avstem_domain::statement::bank::{EntryState, ReferenceKind, Reversal};
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::error::ReadError;
use avstem_statements::problem::ProblemCode;
use avstem_statements::summary::Holder;

const CAMT: &str = "bank_camt.053.001.08.xml";
const RENT: &str = "<NtryRef>2</NtryRef><Amt Ccy=\"SEK\">1500.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>";

fn changed(from: &str, to: &str) -> Result<Read, ReadError> {
    let all = text(CAMT);
    assert!(all.contains(from), "{from}");
    read(all.replace(from, to).as_bytes())
}

/// A statement of one account and day with these entries.
fn statement(id: &str, page: &str, opening: &str, closing: &str, entries: &str) -> String {
    format!(
        "<Stmt><Id>{id}</Id>{page}<Acct><Id><IBAN>SE4550000000058398257466</IBAN></Id><Ccy>SEK</Ccy></Acct>\
         <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"SEK\">{opening}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-05</Dt></Dt></Bal>\
         <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"SEK\">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-05</Dt></Dt></Bal>{entries}</Stmt>"
    )
}

fn entry(amount: &str, reference: &str) -> String {
    let reference = if reference.is_empty() {
        String::new()
    } else {
        format!("<AcctSvcrRef>{reference}</AcctSvcrRef>")
    };
    format!(
        "<Ntry><Amt Ccy=\"SEK\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-10-05</Dt></BookgDt>{reference}</Ntry>"
    )
}

fn document(statements: &str) -> String {
    format!(
        "<n:Document xmlns:n=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.13\"><n:BkToCstmrStmt>{statements}</n:BkToCstmrStmt></n:Document>"
    )
}

#[test]
fn other_versions_prefixes_and_envelopes_are_read_by_local_names() {
    let one = statement("S1", "", "0.00", "10.00", &entry("10.00", "R1"));
    let plain = read(document(&one).as_bytes()).unwrap();
    assert_eq!(plain.entries[0].amount, sek(1_000));
    let wrapped = format!(
        "<Envelope><AppHdr><Document>no</Document></AppHdr>{}</Envelope>",
        document(&one)
    );
    assert_eq!(read(wrapped.as_bytes()).unwrap().entries, plain.entries);
}

#[test]
fn a_balance_that_does_not_follow_refuses_the_file() {
    for (from, to) in [
        ("\"SEK\">55671.45", "\"SEK\">55671.46"),
        ("\"SEK\">50000.00", "\"SEK\">50000.01"),
        (
            "<Amt Ccy=\"SEK\">717.04</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>",
            "<Amt Ccy=\"SEK\">717.05</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>",
        ),
        (RENT, &RENT.replace("DBIT", "CRDT")),
    ] {
        let error = changed(from, to).unwrap_err();
        let ReadError::ControlTotal { what, .. } = &error else {
            panic!("{error}");
        };
        assert!(what.contains("SMPL-STMT-2026-010"), "{what}");
    }
    for (from, to) in [
        ("<TtlNtries><NbOfNtries>10", "<TtlNtries><NbOfNtries>11"),
        ("<NbOfNtries>8<", "<NbOfNtries>7<"),
        ("<Sum>7173.45<", "<Sum>7173.44<"),
        ("<Sum>1502.00<", "<Sum>1.502,00<"),
    ] {
        let error = changed(from, to).unwrap_err();
        assert!(matches!(error, ReadError::ControlTotal { .. }), "{error}");
    }
}

#[test]
fn only_what_is_booked_is_money() {
    let pending = entry("99.00", "P1").replace("BOOK", "PDNG");
    let info = entry("98.00", "I1").replace("<Sts>BOOK</Sts>", "<Sts><Cd>INFO</Cd></Sts>");
    let all = statement(
        "S1",
        "",
        "0.00",
        "10.00",
        &format!("{}{pending}{info}", entry("10.00", "R1")),
    );
    let read = read(document(&all).as_bytes()).unwrap();
    let states: Vec<_> = read.entries.iter().map(|entry| entry.state).collect();
    assert_eq!(
        states,
        [
            EntryState::Booked,
            EntryState::Pending,
            EntryState::Information
        ]
    );
    assert_eq!(read.booked(), sek(1_000));
    assert_eq!(read.summary.statements[0].booked, 1);
    let booked = statement("S2", "", "0.00", "99.00", &entry("99.00", "P1"));
    let later = crate::desk::read(document(&booked).as_bytes()).unwrap();
    assert_ne!(read.entries[1].id, later.entries[0].id);
}

#[test]
fn a_reversal_keeps_the_sign_that_the_bank_gave_it() {
    let read = changed(RENT, &RENT.replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")).unwrap();
    assert_eq!(
        (read.entries[1].reversal, read.entries[1].amount),
        (Reversal::Yes, sek(-150_000))
    );
    assert_eq!(read.entries[0].reversal, Reversal::No);
}

#[test]
fn a_bad_entry_is_a_problem_with_its_number_and_element() {
    let cases = [
        (
            "<BookgDt><Dt>2026-10-06</Dt></BookgDt><ValDt><Dt>2026-10-06</Dt></ValDt>",
            "",
            "BookgDt",
            ProblemCode::NotATime,
        ),
        (
            "<NbOfTxs>3<",
            "<NbOfTxs>4<",
            "Btch/NbOfTxs",
            ProblemCode::DoesNotAddUp,
        ),
        (
            "<TtlAmt Ccy=\"SEK\">375.00",
            "<TtlAmt Ccy=\"SEK\">375.01",
            "Btch/TtlAmt",
            ProblemCode::DoesNotAddUp,
        ),
        (
            "<Amt Ccy=\"SEK\">125.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Svensson",
            "<Amt Ccy=\"SEK\">124.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Svensson",
            "TxDtls",
            ProblemCode::DoesNotAddUp,
        ),
    ];
    for (from, to, column, code) in cases {
        let read = changed(from, to).unwrap();
        let [problem] = read.problems.as_slice() else {
            panic!("{:?}", read.problems);
        };
        assert_eq!((problem.column.as_str(), problem.code), (column, code));
        assert_eq!(problem.row, if column == "BookgDt" { 2 } else { 9 });
        assert_eq!((read.summary.data_rows, read.summary.lines), (10, 9));
    }
}

#[test]
fn an_entry_whose_amount_cannot_be_read_leaves_no_balance_to_trust() {
    for to in [
        "<Amt Ccy=\"SEK\">1.500,00<",
        "<Amt>1500.00<",
        "<Amt Ccy=\"XXQ\">1500.00<",
    ] {
        let error = changed(
            "<NtryRef>2</NtryRef><Amt Ccy=\"SEK\">1500.00<",
            &format!("<NtryRef>2</NtryRef>{to}"),
        )
        .unwrap_err();
        assert!(matches!(error, ReadError::ControlTotal { .. }), "{error}");
    }
}

#[test]
fn pages_continue_a_statement_and_a_statement_sent_again_adds_nothing() {
    let page = |number: u32| {
        format!("<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>")
    };
    let first = statement("S1", &page(1), "0.00", "10.00", &entry("10.00", ""));
    let second = statement("S1", &page(2), "10.00", "20.00", &entry("10.00", ""));
    let paged = read(document(&format!("{first}{second}")).as_bytes()).unwrap();
    assert_eq!(paged.entries.len(), 2);
    assert_ne!(paged.entries[0].id, paged.entries[1].id);
    let again = read(document(&format!("{first}{second}{first}{second}")).as_bytes()).unwrap();
    assert_eq!(again.entries, paged.entries);
    let repeated: Vec<_> = again
        .problems
        .iter()
        .map(|problem| (problem.row, problem.code))
        .collect();
    assert_eq!(
        repeated,
        [(3, ProblemCode::Repeated), (4, ProblemCode::Repeated)]
    );
}

#[test]
fn true_twins_count_twice_and_overlapping_statements_once() {
    let twins = format!("{}{}", entry("10.00", "R1"), entry("10.00", "R1"));
    let day = statement("DAY", "", "0.00", "20.00", &twins);
    let week = statement(
        "WEEK",
        "",
        "0.00",
        "25.00",
        &format!("{twins}{}", entry("5.00", "R2")),
    );
    let read = read(document(&format!("{day}{week}")).as_bytes()).unwrap();
    assert_eq!(read.booked(), sek(2_500));
    assert_eq!((read.entries.len(), read.problems.len()), (3, 2));
}

#[test]
fn an_account_is_named_and_known_by_the_name_it_was_handed_in_for() {
    let all = sample(CAMT);
    let iban = BankAccount::parse("SE4550000000058398257466").unwrap();
    assert_eq!(all.summary.holders, [Holder::BankAccount(iban.clone())]);
    let number = text(CAMT).replace(
        "<IBAN>SE4550000000058398257466</IBAN>",
        "<Othr><Id>5839-825 74 66</Id></Othr>",
    );
    let mut context = stockholm();
    context.account = Some(iban);
    let read = read_with(number.as_bytes(), &context).unwrap();
    assert_eq!(read.entries, all.entries);
    let other = text(CAMT).replace("SE4550000000058398257466", "SE3550000000054910000003");
    let read = read_with(other.as_bytes(), &context).unwrap();
    let theirs = BankAccount::parse("SE3550000000054910000003").unwrap();
    assert_eq!(read.summary.holders, [Holder::BankAccount(theirs)]);
}

#[test]
fn references_charges_and_parties_are_found_where_versions_put_them() {
    let details = "<Ntry><Amt Ccy=\"SEK\">95.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>2026-10-05T23:30:00+02:00</DtTm></BookgDt>\
        <Chrgs><Amt Ccy=\"SEK\">3.00</Amt></Chrgs><Chrgs><TtlChrgsAndTaxAmt Ccy=\"SEK\">9.00</TtlChrgsAndTaxAmt><Rcrd><Amt Ccy=\"SEK\">2.00</Amt></Rcrd></Chrgs>\
        <BkTxCd><Prtry><Cd>BGINB</Cd></Prtry></BkTxCd>\
        <NtryDtls><TxDtls><Refs><InstrId>I1</InstrId><TxId>T1</TxId><MndtId>M1</MndtId><Prtry><Tp>x</Tp><Ref>P1</Ref></Prtry></Refs>\
        <AmtDtls><InstdAmt><Amt Ccy=\"EUR\">9.00</Amt></InstdAmt><TxAmt><Amt Ccy=\"SEK\">95.00</Amt></TxAmt></AmtDtls>\
        <RltdPties><Dbtr><Nm>Payer</Nm></Dbtr><UltmtDbtr><Nm>Ultimate</Nm></UltmtDbtr></RltdPties>\
        <RmtInf><Ustrd>one</Ustrd><Ustrd>two</Ustrd><Strd><RfrdDocInf><Nb>INV7</Nb></RfrdDocInf><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>";
    let read = read(document(&statement("S1", "", "0.00", "95.00", details)).as_bytes()).unwrap();
    let line = &read.entries[0];
    assert_eq!(line.booked_on.to_string(), "2026-10-05");
    assert_eq!(
        (line.charges, line.code.as_deref()),
        (Some(sek(500)), Some("BGINB"))
    );
    assert_eq!(
        (line.text.as_str(), line.counterparty.as_deref()),
        ("one two", Some("Ultimate"))
    );
    let references: Vec<_> = line
        .references
        .iter()
        .map(|r| (r.kind, r.text.as_str()))
        .collect();
    let wanted = [
        (ReferenceKind::Instruction, "I1"),
        (ReferenceKind::Transaction, "T1"),
        (ReferenceKind::Mandate, "M1"),
        (ReferenceKind::Other, "P1"),
        (ReferenceKind::Document, "INV7"),
        (ReferenceKind::Structured, "RF18"),
    ];
    assert_eq!(references, wanted);
}

#[test]
fn account_reports_and_notifications_are_no_statements() {
    for root in ["BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn"] {
        let all = text(CAMT).replace("BkToCstmrStmt", root);
        let error = read(all.as_bytes()).unwrap_err();
        assert!(
            matches!(
                error,
                ReadError::NotThisFormat {
                    format: "camt053",
                    ..
                }
            ),
            "{error}"
        );
    }
    let none = document("<GrpHdr/>");
    assert!(matches!(
        read(none.as_bytes()),
        Err(ReadError::NotThisFormat { .. })
    ));
}
