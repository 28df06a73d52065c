//! Texts that come again and again, such as days and accounts: each gets a number, and is read once.

use std::collections::HashMap;

#[derive(Debug)]
pub struct Texts<T> {
    /// The number of each, and what it reads as.
    known: HashMap<String, (usize, T)>,
}

impl<T> Default for Texts<T> {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
        }
    }
}

impl<T: Clone> Texts<T> {
    /// The number of a text and what it reads as. `read` is asked where it is met for the first time.
    pub fn get(&mut self, text: &str, read: impl FnOnce(&str) -> T) -> (usize, T) {
        if let Some((number, read)) = self.known.get(text) {
            return (*number, read.clone());
        }
        let (number, read) = (self.known.len(), read(text));
        self.known.insert(text.to_owned(), (number, read.clone()));
        (number, read)
    }

    /// The texts by their numbers.
    #[must_use]
    pub fn texts(&self) -> HashMap<usize, &str> {
        self.known
            .iter()
            .map(|(text, (number, _))| (*number, text.as_str()))
            .collect()
    }
}
