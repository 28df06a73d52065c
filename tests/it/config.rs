//! Settings: what they mean, and what a wrong one says.

use avstem::config::{Config, DatabaseUrl, Locale};
use secrecy::ExposeSecret;
use std::time::Duration;

const SECRET: &str = "AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS";

fn read(toml: &str, env: &[(&str, &str)]) -> Result<Config, String> {
    let env: Vec<(String, String)> = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::from_parts(toml, &env).map_err(|error| error.to_string())
}

fn read_ok(toml: &str, env: &[(&str, &str)]) -> Config {
    read(toml, env).expect("these settings are right")
}

fn webhook_secrets(config: &Config, connection: &str) -> Vec<String> {
    config.connections[connection]
        .webhook_secrets
        .iter()
        .map(|secret| secret.expose_secret().to_owned())
        .collect()
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let config = read_ok("", &[]);
    assert!(
        matches!(&config.database_url, DatabaseUrl::Sqlite(path) if path.as_os_str() == "avstem.db")
    );
    assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert!(config.admin_key.is_none());
    assert_eq!(config.policy, None);
    assert_eq!(config.default_locale, Locale::Sv);
    assert_eq!(config.time_zone, chrono_tz::Europe::Stockholm);
    assert_eq!(config.park_for, Duration::from_secs(86_400));
    assert_eq!(config.keep_bodies_days, None);
    assert!(config.connections.is_empty());
    assert!(config.email.is_none());
    assert_eq!(config.log_filter, "info");
}

#[test]
fn a_file_can_set_everything() {
    let config = read_ok(
        r#"
        database_url = "postgres://me:pw@db/books"
        bind = "0.0.0.0:9000"
        public_url = "https://pay.example.com/"
        admin_key = "let-me-in"
        policy = "our-policy.toml"
        default_locale = "en"
        time_zone = "Europe/Oslo"
        park_for = "30m"
        keep_bodies_for = "400d"
        [connections.shop-1]
        provider = "stripe"
        webhook_secrets = ["whsec_a", "whsec_b"]
        api_key = "sk_1"
        api_base = "http://127.0.0.1:12111/"
        livemode = true
        account = "acct_1"
        [email]
        smtp_url = "smtp://127.0.0.1:1025"
        from = "billing@example.com"
        "#,
        &[],
    );
    let DatabaseUrl::Postgres(url) = &config.database_url else {
        panic!("a PostgreSQL URL was read as {:?}", config.database_url);
    };
    assert_eq!(url.expose_secret(), "postgres://me:pw@db/books");
    assert_eq!(config.bind.port(), 9000);
    assert_eq!(config.public_url, "https://pay.example.com");
    assert_eq!(config.admin_key.unwrap().expose_secret(), "let-me-in");
    assert_eq!(config.policy.unwrap().as_os_str(), "our-policy.toml");
    assert_eq!(config.default_locale, Locale::En);
    assert_eq!(config.time_zone, chrono_tz::Europe::Oslo);
    assert_eq!(config.park_for, Duration::from_secs(30 * 60));
    assert_eq!(config.keep_bodies_days, Some(400));
    let shop = &config.connections["shop-1"];
    assert_eq!((shop.name.as_str(), shop.provider), ("shop-1", "stripe"));
    assert_eq!(shop.webhook_secrets.len(), 2);
    assert_eq!(shop.api_key.as_ref().unwrap().expose_secret(), "sk_1");
    assert_eq!(shop.api_base, "http://127.0.0.1:12111");
    assert_eq!(shop.livemode, Some(true));
    assert_eq!(shop.account.as_deref(), Some("acct_1"));
    let email = config.email.unwrap();
    assert_eq!(email.smtp_url.expose_secret(), "smtp://127.0.0.1:1025");
    assert_eq!(email.from, "billing@example.com");
}

#[test]
fn one_variable_alone_makes_a_working_connection() {
    let config = read_ok("", &[(SECRET, "whsec_1")]);
    let stripe = &config.connections["stripe"];
    assert_eq!(stripe.provider, "stripe");
    assert_eq!(stripe.api_base, "https://api.stripe.com");
    assert!(stripe.api_key.is_none());
    assert_eq!((stripe.livemode, stripe.account.as_deref()), (None, None));
    assert_eq!(webhook_secrets(&config, "stripe"), ["whsec_1"]);
}

#[test]
fn the_environment_wins_over_the_file_key_by_key() {
    let config = read_ok(
        "bind = \"127.0.0.1:1\"\n[connections.stripe]\nwebhook_secrets = [\"whsec_file\"]\napi_key = \"sk_file\"\nlivemode = true",
        &[
            ("AVSTEM_BIND", "127.0.0.1:2"),
            (SECRET, "whsec_new, whsec_old"),
            ("AVSTEM_CONNECTIONS__STRIPE__LIVEMODE", "false"),
        ],
    );
    assert_eq!(config.bind.port(), 2);
    assert_eq!(
        webhook_secrets(&config, "stripe"),
        ["whsec_new", "whsec_old"]
    );
    let stripe = &config.connections["stripe"];
    assert_eq!(stripe.livemode, Some(false));
    assert_eq!(stripe.api_key.as_ref().unwrap().expose_secret(), "sk_file");
}

#[test]
fn variables_that_are_no_settings_are_left_alone() {
    let config = read_ok(
        "",
        &[
            ("PATH", "/bin"),
            ("AVSTEM_LOG", "avstem=debug"),
            ("AVSTEM_TEST_POSTGRES_BIN", "/somewhere"),
            ("AVSTEM_SERVICE_HOST", "10.0.0.1"),
            ("AVSTEM_PORT", "tcp://10.0.0.1:80"),
            ("AVSTEM_PORT_80_TCP_ADDR", "10.0.0.1"),
        ],
    );
    assert_eq!(config.log_filter, "avstem=debug");
}

#[test]
fn the_public_url_follows_where_the_service_listens() {
    for (bind, url) in [
        ("127.0.0.1:81", "http://127.0.0.1:81"),
        ("0.0.0.0:82", "http://127.0.0.1:82"),
        ("[::]:83", "http://[::1]:83"),
        ("10.1.2.3:84", "http://10.1.2.3:84"),
    ] {
        assert_eq!(read_ok("", &[("AVSTEM_BIND", bind)]).public_url, url);
    }
}

#[test]
fn lengths_of_time_are_read_to_their_bounds() {
    for (text, seconds) in [
        ("45s", 45),
        ("30m", 1_800),
        ("24h", 86_400),
        ("7d", 604_800),
        ("366d", 31_622_400),
    ] {
        let config = read_ok("", &[("AVSTEM_PARK_FOR", text)]);
        assert_eq!(config.park_for, Duration::from_secs(seconds), "{text}");
    }
    for text in [
        "",
        "24",
        "h",
        "0s",
        "+1h",
        "1.5h",
        "-1h",
        "367d",
        "24 h",
        "99999999999999999999d",
        "1ö",
    ] {
        let message = read("", &[("AVSTEM_PARK_FOR", text)]).expect_err(text);
        assert!(message.starts_with("AVSTEM_PARK_FOR is"), "{message}");
    }
}

#[test]
fn providers_whose_reports_are_imported_need_no_secret() {
    for provider in ["adyen", "paypal"] {
        let config = read_ok(&format!("[connections.{provider}]"), &[]);
        assert_eq!(config.connections[provider].provider, provider);
        assert!(config.connections[provider].webhook_secrets.is_empty());
    }
}

#[test]
fn a_secret_can_stand_in_a_file_less_one_line_break() {
    let folder = tempfile::tempdir().unwrap();
    for (contents, secret) in [
        ("whsec_1\n", "whsec_1"),
        ("whsec_2", "whsec_2"),
        ("whsec_3\r\n", "whsec_3"),
    ] {
        let file = folder.path().join("secret");
        std::fs::write(&file, contents).unwrap();
        let config = read_ok("", &[(SECRET, &format!("file:{}", file.display()))]);
        assert_eq!(webhook_secrets(&config, "stripe"), [secret]);
    }
}

#[test]
fn a_secret_file_that_cannot_be_used_is_named_without_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| format!("file:{}", folder.path().join(name).display());
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    std::fs::write(folder.path().join("two-lines"), "hush-1\nhush-2\n").unwrap();
    std::fs::write(folder.path().join("binary"), b"hush\xff").unwrap();
    std::fs::write(folder.path().join("long"), "hush".repeat(20_000)).unwrap();
    for name in ["missing", "empty", "two-lines", "binary", "long"] {
        for setting in [SECRET, "AVSTEM_ADMIN_KEY", "AVSTEM_DATABASE_URL"] {
            let message = read("", &[(setting, &path(name))]).expect_err(name);
            assert!(message.starts_with(setting), "{name}: {message}");
            assert!(!message.contains("hush"), "{message}");
        }
    }
}

#[test]
fn nothing_that_prints_the_settings_shows_a_secret() {
    let config = read_ok(
        "admin_key = \"hush-1\"\ndatabase_url = \"postgres://me:hush-2@db/x\"\n[email]\nsmtp_url = \"smtps://me:hush-3@mail\"\nfrom = \"a@b.example\"",
        &[
            (SECRET, "hush-4"),
            ("AVSTEM_CONNECTIONS__STRIPE__API_KEY", "hush-5"),
        ],
    );
    let printed = format!("{config:?}");
    assert!(
        printed.contains("stripe") && !printed.contains("hush"),
        "{printed}"
    );
}

#[test]
fn an_empty_text_is_the_same_as_leaving_an_optional_setting_out() {
    let config = read_ok(
        "admin_key = \"\"\npolicy = \"\"\n[connections.stripe]\nwebhook_secrets = [\"whsec_1\"]\naccount = \"\"",
        &[("AVSTEM_ADMIN_KEY", "")],
    );
    assert!(config.admin_key.is_none());
    assert_eq!(config.policy, None);
    assert_eq!(config.connections["stripe"].account, None);
}

#[test]
fn a_given_file_must_exist_and_the_default_one_need_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let message = Config::load(Some(&file)).expect_err("no file").to_string();
    assert!(
        message.contains("mine.toml") && message.contains("--config"),
        "{message}"
    );
    std::fs::write(&file, "park_for = \"1x\"").unwrap();
    let message = Config::load(Some(&file)).expect_err("1x").to_string();
    assert!(
        message.starts_with("park_for in ") && message.contains("mine.toml"),
        "{message}"
    );
    std::fs::write(&file, "park_for = \"2h\"").unwrap();
    assert_eq!(
        Config::load(Some(&file)).unwrap().park_for,
        Duration::from_secs(7_200)
    );
    assert!(Config::load(None).is_ok());
}

#[test]
fn languages_are_recognised_in_tags() {
    for (tag, locale) in [
        ("sv", Some(Locale::Sv)),
        ("SV-se", Some(Locale::Sv)),
        ("en_GB", Some(Locale::En)),
        ("de", None),
        ("", None),
    ] {
        assert_eq!(Locale::from_tag(tag), locale, "{tag}");
    }
}
