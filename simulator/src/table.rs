//! Objects in the order they were made, found by id.

use std::collections::BTreeMap;

use avstem_domain::time::Timestamp;

/// What lists need to know of any object.
pub(crate) trait Listed {
    fn id(&self) -> &str;
    fn created(&self) -> Timestamp;
}

#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: Vec<T>,
    places: BTreeMap<String, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            places: BTreeMap::new(),
        }
    }
}

impl<T: Listed> Table<T> {
    pub(crate) fn add(&mut self, row: T) {
        self.places.insert(row.id().to_owned(), self.rows.len());
        self.rows.push(row);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(*self.places.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(*self.places.get(id)?)
    }

    pub(crate) fn oldest_first(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().rev()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}
