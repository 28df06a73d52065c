//! What an attacker, or a broken program, can put into XML.

use crate::desk::{fixture, read, read_with, stockholm, text};
use avstem_statements::error::ReadError;

const CAMT: &str = "bank_camt.053.001.08.xml";

fn with_prolog(prolog: &str, from: &str, to: &str) -> Result<crate::desk::Read, ReadError> {
    let all = text(CAMT);
    let (declaration, document) = all.split_once('\n').unwrap();
    read(format!("{declaration}\n{prolog}{}", document.replace(from, to)).as_bytes())
}

#[test]
fn external_entities_are_refused_before_they_are_looked_at() {
    let prolog = "<!DOCTYPE Document [<!ENTITY xxe SYSTEM \"file:///etc/passwd\">]>\n";
    let error = with_prolog(prolog, "HYRA OKT 2026", "&xxe;").unwrap_err();
    assert!(matches!(error, ReadError::Doctype), "{error}");
    let parameter = "<!DOCTYPE Document SYSTEM \"http://127.0.0.1:1/evil.dtd\">\n";
    let error = with_prolog(parameter, "", "").unwrap_err();
    assert!(matches!(error, ReadError::Doctype), "{error}");
    assert!(error.to_string().contains("bank itself"), "{error}");
}

#[test]
fn entity_bombs_are_refused_before_they_go_off() {
    let mut prolog = String::from("<!DOCTYPE Document [<!ENTITY a0 \"ha\">");
    for level in 1..30 {
        let below = level - 1;
        prolog.push_str(&format!(
            "<!ENTITY a{level} \"&a{below};&a{below};&a{below};&a{below};\">"
        ));
    }
    prolog.push_str("]>\n");
    let error = with_prolog(&prolog, "HYRA OKT 2026", "&a29;").unwrap_err();
    assert!(matches!(error, ReadError::Doctype), "{error}");
}

#[test]
fn any_doctype_is_refused_even_an_empty_one() {
    for prolog in ["<!DOCTYPE Document>\n", "<!doctype Document []>\n"] {
        let error = with_prolog(prolog, "", "").unwrap_err();
        assert!(matches!(error, ReadError::Doctype), "{error}");
    }
    let undefined = with_prolog("", "HYRA OKT 2026", "&rent;").unwrap_err();
    assert!(
        matches!(&undefined, ReadError::Entity { name } if name == "rent"),
        "{undefined}"
    );
}

#[test]
fn xml_s_own_entities_and_characters_are_read() {
    let read = with_prolog(
        "",
        "HYRA OKT 2026",
        "A &amp; B &lt;&#229;&#xC5;&gt; <![CDATA[<&>]]>",
    )
    .unwrap();
    assert_eq!(read.entries[1].text, "A & B <åÅ> <&>");
    let error = with_prolog("", "HYRA OKT 2026", "&#xD800;").unwrap_err();
    assert!(matches!(error, ReadError::Entity { .. }), "{error}");
}

#[test]
fn deep_nesting_is_refused_at_its_bound() {
    let nested = |depth: usize| {
        let inside = format!("{}x{}", "<a>".repeat(depth), "</a>".repeat(depth));
        with_prolog("", "<Ustrd>HYRA OKT 2026</Ustrd>", &inside)
    };
    // The entry's remittance is the seventh element inside the document.
    assert!(nested(57).is_ok());
    let error = nested(58).unwrap_err();
    assert!(
        matches!(error, ReadError::TooDeep { depth_max: 64 }),
        "{error}"
    );
    assert!(nested(200_000).is_err());
}

#[test]
fn a_missing_or_wrong_end_is_refused() {
    let all = text(CAMT);
    let cut = read(&all.as_bytes()[..all.len() - 12]).unwrap_err();
    assert!(matches!(cut, ReadError::Cut { .. }), "{cut}");
    let wrong = read(all.replacen("</NtryDtls>", "</Ntry>", 1).as_bytes()).unwrap_err();
    assert!(
        matches!(&wrong, ReadError::Malformed { row: 1, column, .. } if column == "Ustrd"),
        "{wrong}"
    );
    let more = read(format!("{all}<Document/>").as_bytes()).unwrap_err();
    assert!(matches!(more, ReadError::Malformed { .. }), "{more}");
}

#[test]
fn declared_latin_1_is_read_and_undeclared_is_refused() {
    let latin = |text: &str| -> Vec<u8> {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect()
    };
    let declared = text(CAMT).replace("encoding=\"UTF-8\"", "encoding='ISO-8859-1'");
    let found = read(&latin(&declared)).unwrap();
    let wanted = read(&fixture(CAMT)).unwrap();
    assert_eq!(found.entries, wanted.entries);
    let error = read(&latin(&text(CAMT))).unwrap_err();
    assert!(
        matches!(&error, ReadError::Encoding { found, .. } if found.contains("Latin-1")),
        "{error}"
    );
    let odd = text(CAMT).replace("encoding=\"UTF-8\"", "encoding=\"EBCDIC-CP-US\"");
    assert!(matches!(
        read(odd.as_bytes()),
        Err(ReadError::Encoding { .. })
    ));
}

#[test]
fn one_endless_token_costs_no_more_than_its_bound() {
    let mut context = stockholm();
    context.bounds.row_bytes_max = 64 * 1024;
    let long = "x".repeat(1024 * 1024);
    let many = "&amp;".repeat(200 * 1024);
    let name = format!("<{}/>", "n".repeat(1024 * 1024));
    let attribute = format!("<a b=\"{long}\"/>");
    let comment = format!("<!--{long}-->");
    for inside in [&long, &many, &name, &attribute, &comment] {
        let all = text(CAMT).replace(
            "<Ustrd>HYRA OKT 2026</Ustrd>",
            &format!("<Ustrd>{inside}</Ustrd>"),
        );
        let error = read_with(all.as_bytes(), &context).unwrap_err();
        assert!(matches!(error, ReadError::RowTooLong { .. }), "{error}");
    }
}
