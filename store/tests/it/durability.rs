use avstem_store::durability::{ServerSetting, require_on, require_pragma};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

#[test]
fn a_pragma_that_could_lose_data_is_refused_with_its_name() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pragmas.db");
    let c = &mut SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    for (pragma, sound, read_back, careless) in [
        ("synchronous", "FULL", "2", "OFF"),
        ("foreign_keys", "ON", "1", "OFF"),
        ("journal_mode", "WAL", "wal", "MEMORY"),
    ] {
        let mut set = |value| {
            let sql = format!("PRAGMA {pragma} = {value}");
            c.batch_execute(&sql).unwrap();
            require_pragma(c, pragma, read_back)
        };
        assert!(set(sound).is_ok(), "{pragma} = {sound}");
        let error = set(careless).unwrap_err();
        assert!(error.to_string().contains(pragma), "{error}");
    }
}

#[test]
fn a_setting_that_could_lose_data_is_refused_with_its_name() {
    let settings = |fsync: &str, pages: &str| {
        [("fsync", fsync), ("full_page_writes", pages)].map(|(name, setting)| ServerSetting {
            name: name.to_owned(),
            setting: setting.to_owned(),
        })
    };
    assert!(require_on(&settings("on", "on")).is_ok());
    let said = |fsync, pages| require_on(&settings(fsync, pages)).unwrap_err().to_string();
    assert!(said("off", "on").contains("Set fsync = on"));
    assert!(said("on", "off").contains("Set full_page_writes = on"));
}
