//! Rows of one table at hand, and which of them are to be written.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Deref;

/// Rows by a key, in the order of the keys.
pub(super) struct Table<K, R>(BTreeMap<K, Kept<R>>);

/// A row, and whether it says anything that is not stored yet.
pub(super) struct Kept<R> {
    row: R,
    is_changed: bool,
}

impl<R> Kept<R> {
    /// The row, which is written when the books are closed.
    pub(super) const fn change(&mut self) -> &mut R {
        self.is_changed = true;
        &mut self.row
    }

    pub(super) const fn is_changed(&self) -> bool {
        self.is_changed
    }
}

impl<R> Deref for Kept<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.row
    }
}

impl<K, R> Default for Table<K, R> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, R> Table<K, R> {
    /// Takes in a row as it is stored. One that is here already stays: it may have been changed.
    pub(super) fn keep(&mut self, key: K, row: R) {
        self.0.entry(key).or_insert(Kept {
            row,
            is_changed: false,
        });
    }

    /// A row that is new, or in the place of the one that is stored.
    pub(super) fn put(&mut self, key: K, row: R) {
        let is_changed = true;
        self.0.insert(key, Kept { row, is_changed });
    }

    /// The row that is here, or else a new one.
    pub(super) fn or_put(&mut self, key: K, new: impl FnOnce(&K) -> R) -> &mut Kept<R> {
        self.0.entry(key).or_insert_with_key(|key| Kept {
            row: new(key),
            is_changed: true,
        })
    }

    /// A row that is here, to be written.
    pub(super) fn change<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut R>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key).map(Kept::change)
    }

    /// Takes a row out, so that it can be changed while others are looked at.
    pub(super) fn take_out<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<Kept<R>>
    where
        K: Borrow<Q>,
    {
        self.0.remove(key)
    }

    /// Puts a row back that was taken out.
    pub(super) fn put_back(&mut self, key: K, kept: Kept<R>) {
        self.0.insert(key, kept);
    }

    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&R>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).map(Deref::deref)
    }

    pub(super) fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys from one on, itself included.
    pub(super) fn keys_from(&self, key: &K) -> impl Iterator<Item = &K> {
        self.0.range(key..).map(|(key, _)| key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.keys()
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &R> {
        self.0.values().map(Deref::deref)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &R)> {
        self.0.iter().map(|(key, kept)| (key, &kept.row))
    }

    pub(super) fn kept(&self) -> impl Iterator<Item = &Kept<R>> {
        self.0.values()
    }

    pub(super) fn kept_mut(&mut self) -> impl Iterator<Item = &mut Kept<R>> {
        self.0.values_mut()
    }

    /// What is to be written.
    pub(super) fn changed(&self) -> impl Iterator<Item = &R> {
        let changed = self.kept().filter(|kept| kept.is_changed);
        changed.map(Deref::deref)
    }
}

impl<K: Ord, R: Clone> Table<K, R> {
    /// What is to be written, as the store takes it.
    pub(super) fn to_write(&self) -> Vec<R> {
        self.changed().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_or_changed_is_written_and_nothing_else() {
        let mut table = Table::default();
        table.keep("stored", 1);
        table.keep("changed", 2);
        table.put("new", 3);
        assert_eq!(table.to_write(), [3]);
        *table.change("changed").unwrap() = 4;
        assert!(!table.or_put("stored", |_| 9).is_changed());
        assert_eq!(**table.or_put("stub", |_| 5), 5);
        assert_eq!(table.to_write(), [4, 3, 5]);
    }

    #[test]
    fn a_changed_row_stays_when_it_is_loaded_again_or_taken_out_for_a_while() {
        let mut table = Table::default();
        table.put("row", 1);
        table.keep("row", 0);
        let kept = table.take_out("row").unwrap();
        assert!(table.is_empty());
        table.put_back("row", kept);
        assert_eq!(table.to_write(), [1]);
    }
}
