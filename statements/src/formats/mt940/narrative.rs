//! Field `:86:`: free text, or one of three ways to structure it that banks invented.

use crate::table::{TEXT_BYTES_MAX, clean};
use avstem_domain::statement::bank::{BankReference, ReferenceKind};

#[derive(Default)]
pub struct Narrative {
    pub text: String,
    pub counterparty: Option<String>,
    pub references: Vec<BankReference>,
}

/// What a code word is good for.
#[derive(Clone, Copy)]
enum Use {
    Reference(ReferenceKind),
    Text,
    Counterparty,
    Nothing,
}

pub fn read(field: &str) -> Narrative {
    let joined = field.replace('\n', "");
    if let Some(subfields) = german_subfields(&joined) {
        return german(subfields);
    }
    if let Some(words) = slashed(&joined) {
        return of_words(words);
    }
    if let Some(words) = with_plus(&joined) {
        return of_words(words);
    }
    Narrative {
        text: clean(&field.replace('\n', " "), TEXT_BYTES_MAX),
        ..Narrative::default()
    }
}

/// `166?00GUTSCHRIFT?20EREF+po_1?21SVWZ+STRIPE?32STRIPE`: the rest behind the first `?`.
fn german_subfields(text: &str) -> Option<&str> {
    let (code, rest) = text.split_at_checked(3)?;
    let coded = code.bytes().all(|b| b.is_ascii_digit());
    let rest = rest.strip_prefix('?')?;
    let numbered = rest.get(..2)?.bytes().all(|b| b.is_ascii_digit());
    (coded && numbered).then_some(rest)
}

fn german(subfields: &str) -> Narrative {
    let mut purpose = String::new();
    let mut name = String::new();
    for subfield in subfields.split('?') {
        let (number, value) = subfield.split_at_checked(2).unwrap_or((subfield, ""));
        match number.parse().unwrap_or(0_u8) {
            20..=29 | 60..=63 => purpose.push_str(value),
            32 | 33 => name.push_str(value),
            _ => {}
        }
    }
    let mut narrative = with_plus(&purpose).map_or_else(Narrative::default, of_words);
    if narrative.text.is_empty() && narrative.references.is_empty() {
        narrative.text = clean(&purpose, TEXT_BYTES_MAX);
    }
    let name = clean(&name, 140);
    if !name.is_empty() {
        narrative.counterparty = Some(name);
    }
    narrative
}

/// `/EREF/po_1//NAME/STRIPE/REMI/text with / in it`
fn slashed(text: &str) -> Option<Vec<(Use, String)>> {
    let mut words: Vec<(Use, String)> = Vec::new();
    for part in text.strip_prefix('/')?.split('/') {
        match (slashed_word(part), words.last_mut()) {
            (Some(word), _) => words.push((word, String::new())),
            (None, Some((_, value))) => {
                if !value.is_empty() {
                    value.push('/');
                }
                value.push_str(part);
            }
            (None, None) => return None,
        }
    }
    for (_, value) in &mut words {
        // A code word may begin with a slash of its own, behind the one that ends the value.
        value.truncate(value.trim_end_matches('/').len());
    }
    Some(words)
}

fn slashed_word(part: &str) -> Option<Use> {
    match part {
        "EREF" => Some(Use::Reference(ReferenceKind::EndToEnd)),
        "KREF" | "IREF" => Some(Use::Reference(ReferenceKind::Instruction)),
        "MARF" => Some(Use::Reference(ReferenceKind::Mandate)),
        "PREF" => Some(Use::Reference(ReferenceKind::Batch)),
        "SREF" => Some(Use::Reference(ReferenceKind::Structured)),
        "REMI" => Some(Use::Text),
        "NAME" | "ORDP" | "BENM" | "CNTP" => Some(Use::Counterparty),
        "TRCD" | "TRTP" | "IBAN" | "BIC" | "CSID" | "ISDT" | "OCMT" | "CHGS" | "RTRN" | "PURP" => {
            Some(Use::Nothing)
        }
        _ => None,
    }
}

/// `EREF+po_1SVWZ+STRIPE`
fn with_plus(text: &str) -> Option<Vec<(Use, String)>> {
    const WORDS: &[(&str, Use)] = &[
        ("EREF+", Use::Reference(ReferenceKind::EndToEnd)),
        ("KREF+", Use::Reference(ReferenceKind::Instruction)),
        ("MREF+", Use::Reference(ReferenceKind::Mandate)),
        ("SVWZ+", Use::Text),
        ("ABWA+", Use::Counterparty),
        ("CRED+", Use::Nothing),
        ("DEBT+", Use::Nothing),
        ("COAM+", Use::Nothing),
        ("OAMT+", Use::Nothing),
    ];
    let mut places: Vec<(usize, usize, Use)> = WORDS
        .iter()
        .flat_map(|(word, good_for)| {
            let found = text.match_indices(word);
            found.map(|(at, word)| (at, at.saturating_add(word.len()), *good_for))
        })
        .collect();
    places.sort_by_key(|(at, _, _)| *at);
    if places.first().is_none_or(|(at, _, _)| *at != 0) {
        return None;
    }
    let ends = places.iter().skip(1).map(|(at, _, _)| *at);
    let ends: Vec<usize> = ends.chain(std::iter::once(text.len())).collect();
    let words = places.iter().zip(ends).map(|((_, start, good_for), end)| {
        (
            *good_for,
            text.get(*start..end).unwrap_or_default().to_owned(),
        )
    });
    Some(words.collect())
}

fn of_words(words: Vec<(Use, String)>) -> Narrative {
    let mut narrative = Narrative::default();
    for (good_for, value) in words {
        let value = clean(&value, TEXT_BYTES_MAX);
        match good_for {
            Use::Reference(_) if matches!(value.as_str(), "" | "NOTPROVIDED" | "NONREF") => {}
            Use::Reference(kind) => narrative
                .references
                .push(BankReference { kind, text: value }),
            Use::Text if narrative.text.is_empty() => narrative.text = value,
            Use::Counterparty if narrative.counterparty.is_none() && !value.is_empty() => {
                narrative.counterparty = Some(value);
            }
            Use::Text | Use::Counterparty | Use::Nothing => {}
        }
    }
    narrative
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_way_to_structure_it_leads_to_the_same() {
        let fields = [
            "166?00GUTSCHRIFT?10931?20EREF+po_1SmpL01?21SVWZ+STRIPE SMPL?22TRACE1?32STRIPE PAY?33MENTS",
            "/EREF/po_1SmpL01//NAME/STRIPE PAYMENTS/REMI/STRIPE SMPLTRACE1",
            "EREF+po_1SmpL01ABWA+STRIPE PAYMENTSSVWZ+STRIPE SMPL\nTRACE1",
        ];
        for field in fields {
            let read = read(field);
            assert_eq!(read.text, "STRIPE SMPLTRACE1", "{field}");
            assert_eq!(
                read.counterparty.as_deref(),
                Some("STRIPE PAYMENTS"),
                "{field}"
            );
            let references: Vec<_> = read
                .references
                .iter()
                .map(|r| (r.kind, r.text.as_str()))
                .collect();
            assert_eq!(
                references,
                [(ReferenceKind::EndToEnd, "po_1SmpL01")],
                "{field}"
            );
        }
    }

    #[test]
    fn free_text_stays_itself() {
        for text in [
            "STRIPE SMPLTRACE1 STRIPE",
            "BG 123-4567 3 INBETALNINGAR",
            "1/2 HYRA",
            "/FRI TEXT/",
        ] {
            assert_eq!(read(text).text, text);
        }
        assert_eq!(read("HYRA\nOKT").text, "HYRA OKT");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "(\\PC|\\n|/EREF/|\\?2[0-9]|EREF\\+|SVWZ\\+){0,40}") {
            let _ = read(&text);
        }
    }
}
