//! Migrated databases, made once, that every test copies.

use crate::cluster;
use avstem::store::Store;
use std::sync::OnceLock;

pub fn sqlite() -> &'static std::path::Path {
    static TEMPLATE: OnceLock<(tempfile::TempDir, std::path::PathBuf)> = OnceLock::new();
    let (_, path) = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.db");
        let store = Store::open(&format!("sqlite://{}", path.display())).unwrap();
        store.migrate().unwrap();
        drop(store); // the last connection to close brings the write-ahead log home
        (folder, path)
    });
    path
}

pub fn postgres() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let url = cluster::shared().database();
        Store::open(&url).unwrap().migrate().unwrap();
        url
    })
}
