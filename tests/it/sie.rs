//! A reading of SIE 4 type I files of our own, which accepts nothing that the standard does not.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// A file that keeps every rule.
#[derive(Debug)]
pub struct Sie {
    pub company: String,
    pub remark: String,
    pub currency: String,
    /// Number → name.
    pub accounts: BTreeMap<String, String>,
    pub vouchers: Vec<SieVoucher>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct SieVoucher {
    pub series: String,
    pub number: u32,
    pub day: NaiveDate,
    pub text: String,
    pub rows: Vec<SieRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SieRow {
    pub account: String,
    pub object: Option<String>,
    pub amount: Decimal,
    pub text: String,
}

/// What may stand in a file, in the order in which it may.
const ORDER: &[&str] = &[
    "#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#PROSA", "#FNAMN", "#RAR", "#KPTYP",
    "#VALUTA", "#KONTO", "#KTYP", "#DIM", "#OBJEKT", "#VER",
];

/// Letters of code page 437 that Swedish texts have; any other byte above 127 is a mistake here.
const LETTERS: &[(u8, char)] = &[
    (0x86, 'å'),
    (0x84, 'ä'),
    (0x94, 'ö'),
    (0x8f, 'Å'),
    (0x8e, 'Ä'),
    (0x99, 'Ö'),
    (0x82, 'é'),
    (0x81, 'ü'),
];

pub fn read(bytes: &[u8]) -> Sie {
    let text: String = bytes.iter().map(|byte| character(*byte)).collect();
    assert!(text.ends_with("\r\n"), "the last line ends too");
    let lines: Vec<&str> = text.trim_end_matches("\r\n").split("\r\n").collect();
    assert!(
        !text.replace("\r\n", "").contains(['\r', '\n']),
        "lines end in CRLF alone"
    );
    let mut sie = Sie {
        company: String::new(),
        remark: String::new(),
        currency: String::new(),
        accounts: BTreeMap::new(),
        vouchers: Vec::new(),
    };
    let mut seen: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in lines {
        match line {
            "{" => {
                assert!(
                    !inside && seen.last().unwrap().0 == "#VER",
                    "{{ follows a voucher"
                );
                inside = true;
            }
            "}" => {
                assert!(inside);
                inside = false;
            }
            line if inside => {
                let voucher = sie.vouchers.last_mut().unwrap();
                voucher.rows.push(row(line, voucher.day));
            }
            line => {
                let fields = fields(line);
                if fields[0] == "#VER" {
                    sie.vouchers.push(voucher(&fields));
                }
                seen.push((fields[0].clone(), fields));
            }
        }
    }
    assert!(!inside, "a voucher is closed");
    heads(&seen, &mut sie);
    for voucher in &sie.vouchers {
        let sum: Decimal = voucher.rows.iter().map(|row| row.amount).sum();
        assert!(sum.is_zero(), "{voucher:?} balances");
        assert!(voucher.rows.len() >= 2, "{voucher:?} has rows");
    }
    sie
}

fn character(byte: u8) -> char {
    if byte == b'\r' || byte == b'\n' || (b' '..=b'~').contains(&byte) {
        return char::from(byte);
    }
    let letter = LETTERS.iter().find(|(code, _)| *code == byte);
    letter
        .unwrap_or_else(|| panic!("byte {byte:#x} is no letter of code page 437"))
        .1
}

/// The fields of a line. One in braces is a list, kept with its braces.
fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (field, length) = match rest.chars().next().unwrap() {
            '"' => quoted(rest),
            '{' => {
                let end = rest.find('}').unwrap() + 1;
                (rest[..end].to_owned(), end)
            }
            _ => {
                let end = rest.find(' ').unwrap_or(rest.len());
                (rest[..end].to_owned(), end)
            }
        };
        fields.push(field);
        rest = rest[length..].trim_start_matches(' ');
    }
    fields
}

fn quoted(text: &str) -> (String, usize) {
    let mut field = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return (field, at + 1),
            c => {
                assert!(!escaped || c == '"', "only a quote is escaped: {text}");
                field.push(c);
                escaped = false;
            }
        }
    }
    panic!("a quote is not closed: {text}")
}

fn heads(seen: &[(String, Vec<String>)], sie: &mut Sie) {
    let place = |label: &str| {
        ORDER
            .iter()
            .position(|known| *known == label)
            .unwrap_or_else(|| panic!("{label} does not belong into type I"))
    };
    let places: Vec<usize> = seen.iter().map(|(label, _)| place(label)).collect();
    assert!(places.is_sorted(), "{seen:?} are in order");
    let of = |label: &'static str| seen.iter().filter(move |(known, _)| known == label);
    for label in [
        "#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#FNAMN", "#VALUTA",
    ] {
        assert_eq!(of(label).count(), 1, "{label} is there once");
    }
    let value = |label: &'static str| of(label).next().unwrap().1[1].clone();
    assert_eq!(seen[0].1, ["#FLAGGA", "0"]);
    assert_eq!(
        (value("#FORMAT").as_str(), value("#SIETYP").as_str()),
        ("PC8", "4")
    );
    day(&value("#GEN"));
    sie.company = value("#FNAMN");
    sie.remark = value("#PROSA");
    sie.currency = value("#VALUTA");
    for (_, fields) in of("#KONTO") {
        let twice = sie.accounts.insert(fields[1].clone(), fields[2].clone());
        assert_eq!(twice, None, "{fields:?}");
    }
    let typed: BTreeSet<&String> = of("#KTYP").map(|(_, fields)| &fields[1]).collect();
    assert_eq!(typed, sie.accounts.keys().collect());
    let objects: BTreeSet<&String> = of("#OBJEKT").map(|(_, fields)| &fields[2]).collect();
    let years: Vec<[NaiveDate; 2]> = of("#RAR")
        .map(|(_, fields)| [day(&fields[2]), day(&fields[3])])
        .collect();
    for voucher in &sie.vouchers {
        let dated = years
            .iter()
            .any(|[start, end]| (start..=end).contains(&&voucher.day));
        assert!(dated, "{voucher:?} is in a year of {years:?}");
        for row in &voucher.rows {
            assert!(sie.accounts.contains_key(&row.account), "{row:?}");
            assert!(
                row.object.iter().all(|object| objects.contains(object)),
                "{row:?}"
            );
        }
    }
}

fn voucher(fields: &[String]) -> SieVoucher {
    let [_, series, number, day, text] = fields else {
        panic!("{fields:?} is no voucher")
    };
    SieVoucher {
        series: series.clone(),
        number: number.parse().unwrap(),
        day: self::day(day),
        text: text.clone(),
        rows: Vec::new(),
    }
}

fn row(line: &str, voucher: NaiveDate) -> SieRow {
    let fields = fields(line);
    let [label, account, object, amount, day, text] = fields.as_slice() else {
        panic!("{line} is no row")
    };
    assert_eq!((label.as_str(), self::day(day)), ("#TRANS", voucher));
    let object = match self::fields(object.trim_matches(['{', '}'])).as_slice() {
        [] => None,
        [dimension, object] if dimension == "20" => Some(object.clone()),
        other => panic!("{other:?} is no object"),
    };
    let amount: Decimal = amount.parse().unwrap();
    assert_eq!(amount.scale(), 2, "{line}");
    SieRow {
        account: account.clone(),
        object,
        amount,
        text: text.clone(),
    }
}

fn day(text: &str) -> NaiveDate {
    assert_eq!(text.len(), 8, "{text}");
    NaiveDate::parse_from_str(text, "%Y%m%d").unwrap()
}

impl Sie {
    /// What our accounts come to: rows name them.
    pub fn balances(&self) -> BTreeMap<String, Decimal> {
        let mut sums = BTreeMap::new();
        for row in self.vouchers.iter().flat_map(|voucher| &voucher.rows) {
            *sums.entry(row.text.clone()).or_insert(Decimal::ZERO) += row.amount;
        }
        sums
    }

    pub fn numbers(&self) -> Vec<u32> {
        self.vouchers.iter().map(|voucher| voucher.number).collect()
    }
}
