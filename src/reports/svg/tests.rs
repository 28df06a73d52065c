use super::super::picture::{Outcome, Panel, Row};
use super::*;
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Everything that may stand in a picture, once.
const ELEMENTS: [&str; 9] = [
    "svg", "title", "desc", "style", "rect", "text", "path", "g", "line",
];

/// Reads it as XML, and returns the texts of its elements.
fn texts(drawn: &str) -> Vec<String> {
    let mut reader = Reader::from_str(drawn);
    reader.config_mut().check_end_names = true;
    let (mut texts, mut open) = (Vec::new(), 0usize);
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                assert!(ELEMENTS.contains(&name.as_str()), "{name}");
                for attribute in tag.attributes() {
                    attribute.unwrap();
                }
                open += 1;
                text.clear();
            }
            Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    attribute.unwrap();
                }
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(name) => {
                text.push(match name.as_ref() {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "#39" => '\'',
                    other => panic!("{other:?}"),
                });
            }
            Event::End(_) => {
                open -= 1;
                texts.push(std::mem::take(&mut text));
            }
            Event::Eof => break,
            other @ (Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)) => panic!("{other:?}"),
        }
    }
    assert_eq!(open, 0);
    texts
}

fn picture(name: &str, value: i64) -> Picture {
    let row = Row {
        detail: name.to_owned(),
        leads_to: Some(value),
        ..Row::from_zero(name.to_owned(), value, Tone::Gain, name.to_owned())
    };
    let outcome = Outcome {
        standing: Standing::Bad,
        text: name.to_owned(),
    };
    Picture {
        name: "breaks",
        language: "en",
        title: name.to_owned(),
        scope: name.to_owned(),
        legend: vec![(Tone::Gain, name.to_owned())],
        panels: vec![Panel::fitted(name.to_owned(), Some(outcome), vec![row])],
        notes: vec![name.to_owned()],
        nothing: name.to_owned(),
    }
}

#[test]
fn a_name_that_is_markup_is_text() {
    let hostile = r#"<script>alert("1")</script>&amp;'"#;
    let drawn = svg(&picture(hostile, 5));
    assert!(!drawn.contains("<script"), "{drawn}");
    assert_eq!(texts(&drawn)[0], hostile);
}

#[test]
fn what_xml_cannot_hold_is_shown_as_unreadable() {
    let drawn = svg(&picture("a\0b\u{1b}c\u{ffff}d\u{202e}e\nf", 5));
    assert_eq!(texts(&drawn)[0], "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e f");
}

#[test]
fn a_screen_reader_is_told_everything() {
    let drawn = svg(&picture("Fees", 5));
    assert!(drawn.contains(r#"role="img""#));
    assert!(drawn.contains(r#"aria-labelledby="avstem-breaks-title avstem-breaks-desc""#));
    let described = &texts(&drawn)[1];
    assert_eq!(described, "Fees. Fees, Fees: Fees Fees Fees. Fees");
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let drawn = svg(&picture("Fees", 5)).to_lowercase();
    let namespace = drawn.replace("http://www.w3.org/2000/svg", "");
    for word in [
        "http",
        "href",
        "url(",
        "@import",
        "@font-face",
        "script",
        "onload",
    ] {
        assert!(!namespace.contains(word), "{word}");
    }
}

#[test]
fn a_text_is_cut_where_there_is_no_more_room() {
    assert_eq!(cut("Charges", 13, 200), "Charges");
    let cut = cut(&"abcdefghij ".repeat(20), 13, 100);
    assert!(cut.ends_with('…') && width_of(&cut, 13) <= 100, "{cut}");
    // The whole of it is still there for whoever points at it.
    let long = "x".repeat(300);
    assert!(svg(&picture(&long, 5)).contains(&format!("<title>{long}</title>")));
}

/// The numbers of an attribute in every element of one name.
fn numbers(drawn: &str, element: &str, attribute: &str) -> Vec<u32> {
    let begin = format!("<{element} ");
    let elements = drawn.lines().filter(|line| line.starts_with(&begin));
    let value = |line: &str| {
        let (_, rest) = line.split_once(&format!(" {attribute}=\""))?;
        rest.split('"').next()?.parse().ok()
    };
    elements.filter_map(value).collect()
}

proptest! {
    /// Whatever names and amounts are in it, a picture is well-formed, and no bar leaves it.
    #[test]
    fn every_picture_is_well_formed(name in any::<String>(), value in any::<i64>()) {
        let drawn = svg(&picture(&name, value));
        texts(&drawn);
        let x = numbers(&drawn, "rect", "x");
        // The background has no x.
        let width = numbers(&drawn, "rect", "width");
        for (x, width) in x.iter().zip(&width[1..]) {
            prop_assert!(x + width <= WIDTH, "{x} {width}");
        }
    }
}
