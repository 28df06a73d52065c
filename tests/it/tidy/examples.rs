//! For every rule, files that break it once, and files that keep it.

use super::Source;

type Files = &'static [(&'static str, &'static str)];

pub struct Example {
    pub rule: &'static str,
    pub bad: Files,
    pub good: Files,
}

impl Example {
    pub fn files(&self, files: Files) -> Vec<Source> {
        let source = |(path, text): &(&str, &str)| Source {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        files.iter().map(source).collect()
    }
}

pub const EXAMPLES: &[Example] = &[
    Example {
        rule: "pure_dependencies",
        bad: &[(
            "domain/Cargo.toml",
            "[dependencies]\nserde = \"1\"\ntokio = \"1\"",
        )],
        good: &[(
            "domain/Cargo.toml",
            "[dependencies]\nserde = \"1\"\n[dev-dependencies]\nproptest = \"1\"",
        )],
    },
    Example {
        rule: "pure_dependencies",
        bad: &[("webhooks/Cargo.toml", "[build-dependencies]\nserde = \"1\"")],
        good: &[("Cargo.toml", "[dependencies]\ntokio = \"1\"")],
    },
    Example {
        rule: "pure_dependencies",
        bad: &[("statements/Cargo.toml", "[dependencies]\ncsv = \"1\"")],
        good: &[("statements/Cargo.toml", "[dependencies]\nmemchr = \"2\"")],
    },
    Example {
        rule: "pure_code",
        bad: &[("simulator/src/lib.rs", "use std::{fmt, net::TcpStream};")],
        good: &[
            (
                "simulator/src/lib.rs",
                "use std::{fmt, io};\n#[cfg(test)]\nmod tests { use std::fs; }",
            ),
            ("webhooks/src/providers/stripe/tests.rs", "use std::fs;"),
        ],
    },
    Example {
        rule: "libraries_in_their_places",
        bad: &[("src/app/export.rs", "use actix_web::HttpResponse;")],
        good: &[
            ("src/http/mod.rs", "use actix_web::web;"),
            ("src/app/export.rs", "// not actix_web"),
        ],
    },
    Example {
        rule: "libraries_in_their_places",
        bad: &[(
            "src/jobs/mod.rs",
            "fn f(c: &mut diesel::SqliteConnection) {}",
        )],
        good: &[
            ("store/src/queries/inbox.rs", "use diesel::prelude::*;"),
            ("tests/it/world.rs", "use diesel::x;"),
        ],
    },
    Example {
        rule: "libraries_in_their_places",
        bad: &[(
            "src/http/api/refunds.rs",
            "reqwest::blocking::get(\"http://x\");",
        )],
        good: &[("src/gateway.rs", "use reqwest::Method;")],
    },
    Example {
        rule: "libraries_in_their_places",
        bad: &[("src/jobs/mod.rs", "static ROUNDS: prometheus::IntCounter;")],
        good: &[("src/app/measure.rs", "use prometheus::Registry;")],
    },
    Example {
        rule: "libraries_in_their_places",
        bad: &[("store/src/rows.rs", "#[derive(schemars::JsonSchema)]")],
        good: &[("src/http/api/objects.rs", "use schemars::JsonSchema;")],
    },
    Example {
        rule: "environment_in_config",
        bad: &[("src/main.rs", "let home = std::env::var(\"HOME\");")],
        good: &[
            ("src/config.rs", "std::env::vars_os()"),
            ("src/main.rs", "env!(\"CARGO_PKG_VERSION\")"),
        ],
    },
    Example {
        rule: "time_in_clock",
        bad: &[("domain/src/charge.rs", "let now = Utc::now();")],
        good: &[
            ("src/clock.rs", "Utc::now()"),
            (
                "src/app/export.rs",
                "let now = clock.now(); // not Utc::now()",
            ),
        ],
    },
    Example {
        rule: "lower_layers_name_no_upper_ones",
        bad: &[("src/exports/books.rs", "use crate::{app::Export, config};")],
        good: &[
            ("src/exports/books.rs", "use crate::{config, id::{app}};"),
            ("src/jobs/mod.rs", "use crate::app;"),
        ],
    },
    Example {
        rule: "lower_layers_name_no_upper_ones",
        bad: &[(
            "src/exports/journal.rs",
            "fn f() -> crate::http::Problem {}",
        )],
        good: &[("src/exports/journal.rs", "use crate::httpish;")],
    },
    Example {
        rule: "http_never_writes",
        bad: &[("src/http/api/refunds.rs", "store.write(|tx| insert(tx))")],
        good: &[
            ("src/http/api/refunds.rs", "store.read(|rx| find(rx))"),
            ("src/app/refund.rs", "store.write(f)"),
        ],
    },
    Example {
        rule: "registered_files",
        bad: &[
            (
                "src/exports/kinds/mod.rs",
                "mod charges;\nmod refunds;\nconst KINDS: &[E] = &[charges::EXPORT];",
            ),
            ("src/exports/kinds/charges.rs", ""),
            ("src/exports/kinds/refunds.rs", ""),
        ],
        good: &[
            (
                "src/exports/kinds/mod.rs",
                "const KINDS: &[E] = &[charges::EXPORT];",
            ),
            ("src/exports/kinds/charges.rs", ""),
            ("src/exports/kinds/tests.rs", ""),
        ],
    },
    Example {
        rule: "registered_files",
        bad: &[
            (
                "domain/src/refund_policy/mod.rs",
                "use disputed::X;\npub const RULES: [Rule; 1] = [not_paid::RULE];",
            ),
            ("domain/src/refund_policy/disputed.rs", ""),
            ("domain/src/refund_policy/not_paid.rs", ""),
        ],
        good: &[
            (
                "domain/src/refund_policy/mod.rs",
                "pub const RULES: [Rule; 1] = [not_paid::RULE];",
            ),
            ("domain/src/refund_policy/wording.rs", ""),
            ("domain/src/refund_policy/not_paid.rs", ""),
        ],
    },
    Example {
        rule: "registered_files",
        bad: &[
            (
                "statements/src/formats/mod.rs",
                "mod mt940;\nmod camt053;\nconst FORMATS: &[Entry] = &[mt940::FORMAT];",
            ),
            ("statements/src/formats/mt940.rs", ""),
            ("statements/src/formats/camt053/entry.rs", ""),
        ],
        good: &[
            (
                "statements/src/formats/mod.rs",
                "const FORMATS: &[Entry] = &[camt053::FORMAT];",
            ),
            ("statements/src/formats/camt053.rs", ""),
            ("statements/src/formats/camt053/entry.rs", ""),
        ],
    },
    Example {
        rule: "provider_fixtures",
        bad: &[("webhooks/src/providers/stripe/decode.rs", "")],
        good: &[
            ("webhooks/src/providers/stripe.rs", ""),
            ("webhooks/fixtures/stripe/charge.http", ""),
        ],
    },
    Example {
        rule: "clauses_explained",
        bad: &[
            (
                "domain/src/refund_policy/mod.rs",
                "pub enum Clause {\n    R1,\n    R2,\n}",
            ),
            ("docs/refund-policy.md", "## R2: latest\n## R1: stop"),
        ],
        good: &[
            (
                "domain/src/refund_policy/mod.rs",
                "pub enum Clause {\n    /// Stop.\n    R1,\n    D3,\n}",
            ),
            (
                "docs/refund-policy.md",
                "# Policy\n## R1: stop\ntext R9\n### `D3` disputed",
            ),
        ],
    },
    Example {
        rule: "migrations_in_pairs",
        bad: &[
            ("migrations/sqlite/1_inbox/up.sql", ""),
            ("migrations/postgres/1_inbox/up.sql", ""),
            ("migrations/postgres/2_ledger/up.sql", ""),
        ],
        good: &[
            ("migrations/sqlite/1_inbox/up.sql", ""),
            ("migrations/postgres/1_inbox/up.sql", ""),
            ("migrations/README.md", ""),
        ],
    },
    Example {
        rule: "crates_in_the_image",
        bad: &[
            ("Cargo.toml", "members = [\"domain\", \"webhooks\"]"),
            (
                "Dockerfile",
                "COPY domain/Cargo.toml domain/\nCOPY webhooks/Cargo.toml webhooks/",
            ),
            (".dockerignore", "*\n!domain"),
        ],
        good: &[
            ("Cargo.toml", "members = [\"domain\"]"),
            ("Dockerfile", "COPY domain/Cargo.toml domain/"),
            (".dockerignore", "*\n!domain"),
        ],
    },
    Example {
        rule: "ledger_only_grows",
        bad: &[(
            "store/src/queries/ledger.rs",
            "diesel::delete(postings::table.filter(x))",
        )],
        good: &[(
            "store/src/queries/ledger.rs",
            "diesel::insert_into(postings::table); diesel::update(accounts::table)",
        )],
    },
    Example {
        rule: "ledger_only_grows",
        bad: &[(
            "store/src/sqlite.rs",
            "sql_query(\"UPDATE\n   journals SET amount = 1\")",
        )],
        good: &[
            ("migrations/sqlite/3/up.sql", "BEFORE UPDATE ON journals"),
            ("store/src/sqlite.rs", "SELECT x FROM journals"),
        ],
    },
    Example {
        rule: "nothing_unfinished",
        bad: &[("src/main.rs", concat!("fn f() { to", "do!() }"))],
        good: &[("src/main.rs", concat!("// to", "do!()\nfn todo() {}"))],
    },
    Example {
        rule: "nothing_unfinished",
        bad: &[("tests/it/a.rs", concat!("#[", "ignore = \"slow\"]"))],
        good: &[("README.md", concat!("#[", "ignore]"))],
    },
    Example {
        rule: "no_machine_paths",
        bad: &[("docs/api.md", concat!("see /wo", "rk/notes"))],
        good: &[(
            "docs/api.md",
            concat!("see https://example.com/wo", "rk/notes"),
        )],
    },
    Example {
        rule: "short_files",
        bad: &[("tests/it/long.rs", LONG_401)],
        good: &[("tests/it/long.rs", LONG_400), ("README.md", LONG_401)],
    },
];

const LONG_400: &str = lines(&LINE_BREAKS, 400);
const LONG_401: &str = lines(&LINE_BREAKS, 401);
const LINE_BREAKS: [u8; 401] = [b'\n'; 401];

const fn lines(breaks: &'static [u8; 401], count: usize) -> &'static str {
    match std::str::from_utf8(breaks.split_at(count).0) {
        Ok(text) => text,
        Err(_) => "",
    }
}
