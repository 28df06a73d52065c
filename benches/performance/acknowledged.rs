//! The log of what a server said it took, written line by line as its answers come: one event id and the answer.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 200: it is stored.
    Taken,
    /// 200: it was there already.
    Duplicate,
    /// 503 `overloaded`: it is not stored.
    Overloaded,
    /// 503 for another reason, or no answer: it may be stored.
    Uncertain,
    /// 400 `invalid_signature`: it is not stored.
    Refused,
}

impl Outcome {
    const ALL: [Self; 5] = [
        Self::Taken,
        Self::Duplicate,
        Self::Overloaded,
        Self::Uncertain,
        Self::Refused,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Duplicate => "duplicate",
            Self::Overloaded => "overloaded",
            Self::Uncertain => "uncertain",
            Self::Refused => "refused",
        }
    }

    /// Reads an answer. A 503 has to say when to come again, and anything else is a fault of the server.
    pub fn of(answer: Option<&[u8]>) -> Self {
        let Some(answer) = answer else {
            return Self::Uncertain;
        };
        let says = |text: &str| {
            answer
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        match crate::wire::status(answer) {
            200 if says("\"duplicate\":true") => Self::Duplicate,
            200 => Self::Taken,
            503 => {
                assert!(crate::wire::header(answer, "retry-after").is_some());
                if says("\"overloaded\"") {
                    Self::Overloaded
                } else {
                    Self::Uncertain
                }
            }
            400 if says("\"invalid_signature\"") => Self::Refused,
            _ => panic!("{}", String::from_utf8_lossy(answer)),
        }
    }
}

pub struct Log(BufWriter<File>);

impl Log {
    pub fn create(path: &Path) -> Self {
        Self(BufWriter::new(File::create(path).unwrap()))
    }

    pub fn add(&mut self, event: &str, outcome: Outcome) {
        writeln!(self.0, "{event} {}", outcome.word()).unwrap();
    }

    pub fn close(mut self) {
        self.0.flush().unwrap();
    }
}

/// Calls `see` with every line of a log, in order.
pub fn read(path: &Path, mut see: impl FnMut(&str, Outcome)) {
    for line in BufReader::new(File::open(path).unwrap()).lines() {
        let line = line.unwrap();
        let (event, word) = line.split_once(' ').unwrap();
        let outcome = Outcome::ALL
            .into_iter()
            .find(|outcome| outcome.word() == word);
        see(event, outcome.unwrap());
    }
}
