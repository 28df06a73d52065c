//! What a wrong setting says: its name as it was written, and what to do. Never a secret.

use avstem::config::Config;

const SECRETS: &str = "AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS";

/// (file, variables, what the message says)
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

fn check(cases: &[Case]) {
    for (toml, env, says) in cases {
        let env: Vec<(String, String)> = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let message = match Config::from_parts(toml, &env) {
            Ok(_) => panic!("accepted: {toml} {env:?}"),
            Err(error) => error.to_string(),
        };
        for part in *says {
            assert!(
                message.contains(part),
                "{toml} {env:?}: no {part:?} in: {message}"
            );
        }
        assert!(!message.contains("hush"), "shows a secret: {message}");
    }
}

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    check(&[
        (
            "databse_url = \"x\"",
            &[],
            &[
                "unknown setting databse_url in avstem.toml",
                "did you mean database_url?",
            ],
        ),
        ("timezone = \"UTC\"", &[], &["did you mean time_zone?"]),
        ("[conections.stripe]", &[], &["did you mean connections?"]),
        ("[mail]", &[], &["did you mean email?"]),
        (
            "[connections.stripe]\napikey = \"hush\"",
            &[],
            &[
                "connections.stripe.apikey in avstem.toml",
                "did you mean connections.stripe.api_key?",
            ],
        ),
        ("[email]\nform = \"x\"", &[], &["did you mean email.from?"]),
        ("log = \"info\"", &[], &["unknown setting log"]),
        (
            "",
            &[("AVSTEM_DATABASE_ULR", "hush")],
            &[
                "unknown setting AVSTEM_DATABASE_ULR",
                "did you mean AVSTEM_DATABASE_URL?",
            ],
        ),
        (
            "",
            &[("AVSTEM_CONECTIONS__STRIPE__API_KEY", "hush")],
            &["did you mean AVSTEM_CONNECTIONS__STRIPE__API_KEY?"],
        ),
        (
            "",
            &[("AVSTEM_CONECTIONS__SHOP__API_KEY", "hush")],
            &["did you mean AVSTEM_CONNECTIONS__SHOP__API_KEY?"],
        ),
        (
            "",
            &[("AVSTEM_CONNECTIONS_STRIPE_API_KEY", "hush")],
            &["did you mean AVSTEM_CONNECTIONS__STRIPE__API_KEY?"],
        ),
        (
            "",
            &[("AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRET", "hush")],
            &["did you mean AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS?"],
        ),
        (
            "",
            &[("AVSTEM_CONNECTIONS", "x")],
            &[
                "unknown setting AVSTEM_CONNECTIONS;",
                "did you mean AVSTEM_CONNECTIONS__",
            ],
        ),
        (
            "",
            &[("AVSTEM_EMAIL_FROM", "x")],
            &["did you mean AVSTEM_EMAIL__FROM?"],
        ),
        ("", &[("AVSTEM_bind", "x")], &["did you mean AVSTEM_BIND?"]),
        (
            "",
            &[("AVSTEM_PORT", "8080")],
            &["unknown setting AVSTEM_PORT"],
        ),
    ]);
}

#[test]
fn a_connection_without_a_usable_secret_stops_the_start_with_its_name() {
    check(&[
        (
            "[connections.shop]\nprovider = \"stripe\"",
            &[],
            &[
                "connection \"shop\" has no webhook secret",
                "AVSTEM_CONNECTIONS__SHOP__WEBHOOK_SECRETS",
            ],
        ),
        (
            "[connections.stripe]\nwebhook_secrets = []",
            &[],
            &["connection \"stripe\" has no webhook secret"],
        ),
        (
            "[connections.stripe]\nwebhook_secrets = [\"hush\", \"\"]",
            &[],
            &["connections.stripe.webhook_secrets in avstem.toml (entry 2) is an empty secret"],
        ),
        (
            "[connections.adyen]\nwebhook_secrets = [\"\"]",
            &[],
            &["connections.adyen.webhook_secrets"],
        ),
        (
            "",
            &[("AVSTEM_CONNECTIONS__STRIPE__API_KEY", "hush")],
            &["connection \"stripe\" has no webhook secret", SECRETS],
        ),
        ("", &[(SECRETS, "")], &[SECRETS, "is an empty secret"]),
        ("", &[(SECRETS, " ")], &[SECRETS, "is an empty secret"]),
        (
            "",
            &[(SECRETS, "hush,")],
            &[SECRETS, "(entry 2) is an empty secret"],
        ),
        (
            "",
            &[
                (SECRETS, "hush"),
                ("AVSTEM_CONNECTIONS__STRIPE__API_KEY", ""),
            ],
            &["AVSTEM_CONNECTIONS__STRIPE__API_KEY is an empty secret"],
        ),
        (
            "",
            &[(SECRETS, "hush\u{7}hush")],
            &[SECRETS, "without control characters"],
        ),
    ]);
}

#[test]
fn a_provider_must_be_known_to_this_version() {
    check(&[
        (
            "[connections.shop]\nwebhook_secrets = [\"hush\"]",
            &[],
            &[
                "connection \"shop\" has the unknown provider \"shop\"",
                "Set connections.shop.provider to one of: stripe, adyen, paypal.",
            ],
        ),
        (
            "[connections.stripe]\nprovider = \"Stripe\"\nwebhook_secrets = [\"hush\"]",
            &[],
            &[
                "connections.stripe.provider in avstem.toml",
                "stripe, adyen, paypal",
            ],
        ),
        (
            "[connections.paddle]\nwebhook_secrets = [\"hush\"]",
            &[],
            &["not supported yet by this version"],
        ),
        (
            "[connections.a]\nprovider = \"standard\"",
            &[],
            &["connection \"a\"", "not supported yet by this version"],
        ),
        (
            "[connections.Stripe]",
            &[],
            &["\"Stripe\" cannot name a connection"],
        ),
        (
            "[connections.\"a.b\"]",
            &[],
            &["\"a.b\" cannot name a connection"],
        ),
        (
            "[connections.a23456789012345678901234567890123]",
            &[],
            &["cannot name a connection", "1 to 32"],
        ),
        (
            "connections = 1",
            &[],
            &["connections in avstem.toml must be a section"],
        ),
        (
            "connections.stripe = 1",
            &[],
            &["connections.stripe in avstem.toml must be a section"],
        ),
    ]);
}

#[test]
fn a_value_of_the_wrong_kind_says_what_was_expected() {
    check(&[
        (
            "bind = 8080",
            &[],
            &["bind in avstem.toml must be text in quotes"],
        ),
        (
            "bind = \"8080\"",
            &[],
            &["bind in avstem.toml is \"8080\"", "127.0.0.1:8080"],
        ),
        (
            "",
            &[("AVSTEM_BIND", "localhost")],
            &["AVSTEM_BIND is \"localhost\""],
        ),
        ("default_locale = \"no\"", &[], &["must be sv or en"]),
        (
            "time_zone = \"Stockholm\"",
            &[],
            &[
                "time_zone in avstem.toml is \"Stockholm\"",
                "Europe/Stockholm",
            ],
        ),
        (
            "[connections.stripe]\nwebhook_secrets = \"hush\"",
            &[],
            &["webhook_secrets in avstem.toml must be a list"],
        ),
        (
            "[connections.stripe]\nwebhook_secrets = [1]",
            &[],
            &["must be a list"],
        ),
        (
            "[connections.stripe]\nlivemode = \"true\"",
            &[],
            &["connections.stripe.livemode in avstem.toml must be true or false"],
        ),
        (
            "",
            &[("AVSTEM_CONNECTIONS__STRIPE__LIVEMODE", "1")],
            &["must be true or false"],
        ),
        (
            "",
            &[
                (SECRETS, "hush"),
                ("AVSTEM_CONNECTIONS__STRIPE__API_BASE", "api.stripe.com"),
            ],
            &["AVSTEM_CONNECTIONS__STRIPE__API_BASE is \"api.stripe.com\""],
        ),
        (
            "",
            &[
                (SECRETS, "hush"),
                ("AVSTEM_CONNECTIONS__STRIPE__API_BASE", "http://x/?a=b"),
            ],
            &["query"],
        ),
        (
            "",
            &[
                (SECRETS, "hush"),
                ("AVSTEM_CONNECTIONS__STRIPE__API_BASE", "http://me:hush@x"),
            ],
            &["AVSTEM_CONNECTIONS__STRIPE__API_BASE must be"],
        ),
    ]);
}

#[test]
fn an_address_that_cannot_be_used_says_what_was_expected() {
    check(&[
        (
            "public_url = \"ftp://x\"",
            &[],
            &["public_url in avstem.toml is \"ftp://x\""],
        ),
        ("public_url = \"http://\"", &[], &["public_url"]),
        ("public_url = \"http://x:port\"", &[], &["public_url"]),
        ("public_url = \"http://x:99999\"", &[], &["public_url"]),
        ("public_url = \"http://a b\"", &[], &["public_url"]),
        (
            "[email]\nsmtp_url = \"http://hush\"\nfrom = \"a@b\"",
            &[],
            &["email.smtp_url in avstem.toml must be smtp://"],
        ),
        (
            "[email]\nsmtp_url = \"smtp://x\"\nfrom = \"nobody\"",
            &[],
            &["email.from in avstem.toml"],
        ),
        (
            "[email]\nsmtp_url = \"smtp://x\"",
            &[],
            &["email.from is missing", "AVSTEM_EMAIL__FROM"],
        ),
        (
            "",
            &[("AVSTEM_EMAIL__FROM", "a@b")],
            &["email.smtp_url is missing", "AVSTEM_EMAIL__SMTP_URL"],
        ),
    ]);
}

#[test]
fn a_database_url_must_name_a_lasting_database() {
    check(&[
        (
            "database_url = \"sqlite::memory:\"",
            &[],
            &[
                "database_url in avstem.toml asks for an SQLite database in memory",
                "Name a file",
            ],
        ),
        (
            "",
            &[("AVSTEM_DATABASE_URL", "sqlite://:memory:")],
            &["AVSTEM_DATABASE_URL asks for", "in memory"],
        ),
        (
            "database_url = \"mysql://me:hush@db\"",
            &[],
            &[
                "database_url in avstem.toml must be sqlite://PATH",
                "postgres://",
            ],
        ),
        (
            "database_url = \"avstem.db\"",
            &[],
            &["must be sqlite://PATH"],
        ),
        ("database_url = \"sqlite://\"", &[], &["the path of a file"]),
        (
            "database_url = \"sqlite://a.db?mode=ro\"",
            &[],
            &["without options"],
        ),
        ("database_url = \"postgres://\"", &[], &["postgres://user"]),
        (
            "database_url = \"\"",
            &[],
            &["database_url in avstem.toml is an empty secret"],
        ),
    ]);
}

#[test]
fn broken_toml_is_placed_by_line_and_never_quoted() {
    check(&[
        (
            "bind = \"x\"\nadmin_key = \"hush",
            &[],
            &["avstem.toml, line 2:"],
        ),
        ("admin_key = hush", &[], &["avstem.toml, line 1:"]),
        (
            "\n\n[connections.stripe\napi_key = \"hush\"",
            &[],
            &["avstem.toml, line 3:"],
        ),
        (
            "admin_key = \"hush\"\nadmin_key = \"hush\"",
            &[],
            &["line 2:", "duplicate"],
        ),
        ("admin_key = \"hu\\qsh hush\"", &[], &["line 1:"]),
    ]);
}
