//! What stands on the command line: parts, and options such as `--seconds 600` or `--seconds=600`.

use std::collections::BTreeMap;

pub struct Arguments {
    pub parts: Vec<String>,
    options: BTreeMap<String, String>,
}

impl Arguments {
    pub fn read() -> Self {
        let mut parts = Vec::new();
        let mut options = BTreeMap::new();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.strip_prefix("--") {
                // Cargo itself passes it.
                Some("bench") => {}
                Some(option) => {
                    let (name, value) = match option.split_once('=') {
                        Some((name, value)) => (name, Some(value.to_owned())),
                        None => (option, words.next()),
                    };
                    let value = value.unwrap_or_else(|| panic!("--{name} needs a value"));
                    options.insert(name.to_owned(), value);
                }
                None => parts.push(word),
            }
        }
        Self { parts, options }
    }

    pub fn given(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    pub fn text(&self, name: &str) -> &str {
        let found = self.given(name);
        found.unwrap_or_else(|| panic!("--{name} is missing"))
    }

    pub fn number(&self, name: &str, default: usize) -> usize {
        self.given(name).map_or(default, |text| {
            text.parse()
                .unwrap_or_else(|_| panic!("--{name} {text}: a whole number is wanted"))
        })
    }
}
