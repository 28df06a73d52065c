//! The ledger, keys, sessions and leases, written and read back; and every table of the database against
//! the one description that diesel has of them.

use crate::plain_rows::customer;
use crate::store_tables::{MAX, MIN, TEXT, read, sorted, text, write};
use crate::world::World;
use avstem::store::rows::*;
use std::collections::BTreeMap;

fn journals_postings_and_effects_come_back(world: &mut World) {
    let journal = |id: &str, time: i64| NewJournal {
        id: id.to_owned(),
        connection: text(),
        event: text(),
        reference: text(),
        description: String::new(),
        booked_on: "9999-12-31".to_owned(),
        occurred_at: time,
        recorded_at: time,
    };
    let journals = [journal("1", MIN), journal("2", MAX)];
    let posting = |id: &str, line: i64, amount: i64| Posting {
        journal_id: id.to_owned(),
        line,
        account: text(),
        amount,
        currency: "ÅÄÖ".to_owned(),
    };
    let postings = [
        posting("1", 1, MAX),
        posting("1", MAX, -MAX),
        posting("2", 1, 1),
        posting("2", 2, -1),
    ];
    let effect = |id: &str, object: &str| Effect {
        connection: "stripe".to_owned(),
        object: object.to_owned(),
        effect: text(),
        journal_id: id.to_owned(),
        recorded_at: MIN,
    };
    let effects = [effect("1", ""), effect("2", TEXT)];
    write(world, |tx| {
        Ok(tx.add_journals(&journals, &postings, &effects)?)
    });
    let stored = read(world, |tx| Ok(tx.journals_after(0, 9)?));
    assert!(stored[0].position < stored[1].position);
    for (stored, given) in stored.iter().zip(&journals) {
        assert_eq!(*stored, at_position(stored.position, given));
    }
    let ids = ["1", "2"].map(str::to_owned);
    assert_eq!(read(world, |tx| Ok(tx.postings_of(&ids)?)), postings);
    assert_eq!(
        read(world, |tx| Ok(tx.effects_after(("", "", ""), 9)?)),
        effects
    );
    let of_journals = sorted(read(world, |tx| Ok(tx.effects_by_journals(&ids)?)), |row| {
        &row.journal_id
    });
    let told = |row: &EffectOf| {
        (
            row.journal_id.clone(),
            row.object.clone(),
            row.effect.clone(),
        )
    };
    let given = |row: &Effect| {
        (
            row.journal_id.clone(),
            row.object.clone(),
            row.effect.clone(),
        )
    };
    assert_eq!(
        of_journals.iter().map(told).collect::<Vec<_>>(),
        effects.iter().map(given).collect::<Vec<_>>()
    );
}

fn at_position(position: i64, given: &NewJournal) -> Journal {
    let given = given.clone();
    Journal {
        position,
        id: given.id,
        connection: given.connection,
        event: given.event,
        reference: given.reference,
        description: given.description,
        booked_on: given.booked_on,
        occurred_at: given.occurred_at,
        recorded_at: given.recorded_at,
    }
}

fn seals_head_and_balances_come_back(world: &mut World) {
    let seal = Seal {
        seq: MAX,
        position: MIN,
        journal_id: text(),
        hash: "å".repeat(64),
    };
    let head = ChainHead {
        id: 1,
        count: MAX,
        position: MAX,
        hash: "f".repeat(64),
        sealed_at: MIN,
    };
    let balance = |account: &str, amount: i64| DailyBalance {
        booked_on: String::new(),
        account: account.to_owned(),
        currency: text(),
        amount,
    };
    write(world, |tx| {
        Ok(tx.add_seals(
            std::slice::from_ref(&seal),
            &head,
            &[balance("a", MAX), balance("b", MIN)],
        )?)
    });
    assert_eq!(read(world, |tx| Ok(tx.seals_after(0, 9)?)), [seal]);
    assert_eq!(read(world, |tx| Ok(tx.chain_head()?)), head);
    assert_eq!(
        read(world, |tx| Ok(tx.daily_balances()?)),
        [balance("a", MAX), balance("b", MIN)]
    );
}

fn keys_and_idempotent_requests_come_back(world: &mut World) {
    let key = |id: &str, revoked_at: Option<i64>| ApiKey {
        id: id.to_owned(),
        name: text(),
        role: "read".to_owned(),
        secret_hash: text(),
        created_at: MIN,
        revoked_at,
    };
    let keys = [key("1", Some(MAX)), key("2", None)];
    let request = |key: &str, status: Option<i64>, body: Option<String>| IdempotentRequest {
        api_key: text(),
        key: key.to_owned(),
        fingerprint: text(),
        status,
        body,
        created_at: MIN,
        lease_until: MAX,
    };
    let requests = [
        request("", Some(MAX), Some(text())),
        request(TEXT, None, None),
    ];
    write(world, |tx| {
        keys.iter().try_for_each(|row| tx.add_api_key(row))?;
        Ok(requests
            .iter()
            .try_for_each(|row| tx.save_idempotent_request(row))?)
    });
    assert_eq!(read(world, |tx| Ok(tx.list_api_keys()?)), keys);
    for row in &requests {
        let found = read(world, |tx| {
            Ok(tx.idempotent_request(&row.api_key, &row.key)?)
        });
        assert_eq!(found.as_ref(), Some(row));
    }
}

fn sessions_and_leases_come_back(world: &mut World) {
    let portal = |token: &str, return_url: Option<String>| PortalSession {
        token_hash: token.to_owned(),
        customer_id: "1".to_owned(),
        locale: text(),
        return_url,
        expires_at: MAX,
        used_at: None,
    };
    let account = |token: &str, return_url: Option<String>| AccountSession {
        token_hash: token.to_owned(),
        customer_id: "1".to_owned(),
        locale: text(),
        return_url,
        form_token: text(),
        last_seen_at: MIN,
        expires_at: MAX,
    };
    write(world, |tx| {
        tx.save_customers(&[customer("1")])?;
        for (token, url) in [("1", Some(text())), ("2", None)] {
            tx.add_portal_session(&portal(token, url.clone()))?;
            tx.add_account_session(&account(token, url))?;
        }
        Ok(())
    });
    for (token, url) in [("1", Some(text())), ("2", None)] {
        assert_eq!(
            read(world, |tx| Ok(tx.account_session(token)?)),
            Some(account(token, url.clone()))
        );
        let used = PortalSession {
            used_at: Some(5),
            ..portal(token, url)
        };
        assert_eq!(
            write(world, |tx| Ok(tx.use_portal_session(token, 5)?)),
            Some(used)
        );
        assert_eq!(
            write(world, |tx| Ok(tx.use_portal_session(token, 5)?)),
            None,
            "a second time"
        );
    }
    assert!(write(world, |tx| Ok(tx.take_lease(TEXT, "a", MIN, MAX)?)));
    assert!(!write(world, |tx| Ok(tx.take_lease(
        TEXT,
        "b",
        MAX - 1,
        MAX
    )?)));
    assert!(
        write(world, |tx| Ok(tx.take_lease(TEXT, "b", MAX, MAX)?)),
        "it has ended"
    );
}

/// Table → its columns as `name type` or `name type null`.
pub type Tables = BTreeMap<String, Vec<String>>;

/// What store/src/schema says.
fn described() -> Tables {
    let mut tables = Tables::new();
    let mut table = String::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/store/src/schema");
    let files = std::fs::read_dir(folder).unwrap();
    let text: String = files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            table = name.to_owned();
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let nullable = kind
                .strip_prefix("Nullable<")
                .and_then(|kind| kind.strip_suffix('>'));
            let null = if nullable.is_some() { " null" } else { "" };
            let column = column.trim_matches('"');
            tables
                .entry(table.clone())
                .or_default()
                .push(format!("{column} {}{null}", nullable.unwrap_or(kind)));
        }
    }
    tables
}

/// What the database has, in diesel's words.
pub fn existing(world: &World) -> Tables {
    let sql = if world.is_postgres() {
        "SELECT table_name || '|' || column_name || '|' || data_type || '|' || (is_nullable = 'NO') AS line \
         FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name, ordinal_position"
    } else {
        "SELECT t.name || '|' || c.name || '|' || c.type || '|' || iif(c.\"notnull\" OR t.type = 'view', 'true', 'false') AS line \
         FROM pragma_table_list AS t, pragma_table_info(t.name) AS c \
         WHERE t.schema = 'main' AND (t.type = 'table' OR t.name = 'unprocessed_events') AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid"
    };
    let mut tables = Tables::new();
    for line in world.lines(sql) {
        let [table, column, kind, required] =
            line.split('|').collect::<Vec<_>>().try_into().unwrap();
        if table.starts_with("__diesel") {
            continue;
        }
        // SQLite has no booleans of its own: they are integers with a CHECK.
        let flag = matches!(
            column,
            "automatic"
                | "came_back"
                | "completed"
                | "done"
                | "policy_conform"
                | "posted"
                | "refundable"
                | "unearned"
        );
        let kind = match kind {
            "INTEGER" if flag => "Bool",
            "boolean" => "Bool",
            "text" | "TEXT" => "Text",
            "bigint" | "INTEGER" => "BigInt",
            "bytea" | "BLOB" => "Binary",
            other => other,
        };
        let null = if required == "true" { "" } else { " null" };
        tables
            .entry(table.to_owned())
            .or_default()
            .push(format!("{column} {kind}{null}"));
    }
    tables
}

fn the_tables_are_as_described(world: &mut World) {
    let described = described();
    assert!(described.len() >= 20, "{:?}", described.keys());
    assert_eq!(existing(world), described);
}

/// As in SQLite and in the service, so that lists are in one order everywhere. A column that a later migration adds
/// says `COLLATE "C"` itself.
#[test]
fn on_postgresql_every_text_compares_byte_by_byte() {
    let otherwise = "SELECT table_name || '.' || column_name AS line FROM information_schema.columns \
         JOIN information_schema.tables USING (table_schema, table_name) \
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type = 'text' \
         AND collation_name IS DISTINCT FROM 'C' ORDER BY 1";
    assert_eq!(World::postgres().lines(otherwise), Vec::<String>::new());
}

on_both_databases! {
    journals_postings_and_effects_come_back,
    seals_head_and_balances_come_back,
    keys_and_idempotent_requests_come_back,
    sessions_and_leases_come_back,
    the_tables_are_as_described,
}
