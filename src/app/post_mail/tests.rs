use super::*;
use crate::app::measure::Meters;
use crate::app::seams::Seams;
use crate::app::signals::Signals;
use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::Gateway;
use crate::store::{Store, StoreError};
use avstem_domain::refund_policy::Policy;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use tempfile::TempDir;

fn noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-22T12:00:00Z").unwrap()
}

fn app(folder: &TempDir, settings: &str) -> App {
    let url = format!("sqlite://{}", folder.path().join("mail.db").display());
    let store = Store::open(&url).unwrap();
    store.migrate().unwrap();
    let config = Config::from_parts(settings, &[]).unwrap();
    App {
        store,
        meters: Meters::new(&config, noon()).unwrap(),
        clock: Clock::manual(noon()),
        gateway: Gateway::https().unwrap(),
        config,
        policy: Policy::reference().unwrap(),
        signals: Signals::default(),
        seams: Seams::default(),
    }
}

fn settings(port: u16) -> String {
    format!(
        "[email]\nsmtp_url = \"smtp://127.0.0.1:{port}\"\nfrom = \"Butiken <billing@example.test>\"\n"
    )
}

fn post(app: &App, recipient: &str, key: &str) {
    let letter = Letter {
        subject: "Kvitto på din uppsägning".to_owned(),
        body: "Hej!\n\nDu får 249,00 kr tillbaka.\n.\nEn ensam punkt ovanför.\n".to_owned(),
    };
    let put = |tx: &mut WriteTx<'_>| enqueue(tx, recipient, &letter, key, app.clock.now());
    app.store.write(put).unwrap();
}

/// The letters that wait up to far in the future.
fn waiting(app: &App) -> Vec<Mail> {
    app.store
        .read(|tx| tx.mails_due(i64::MAX, 100))
        .map_err(|e: StoreError| e)
        .unwrap()
}

/// A mail server for one conversation, which answers RCPT with `to_recipient`. Returns the commands it
/// was given and the message.
fn server(to_recipient: &'static str) -> (u16, JoinHandle<(Vec<String>, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = thread::spawn(move || converse(listener.accept().unwrap().0, to_recipient));
    (port, talk)
}

fn converse(mut stream: TcpStream, to_recipient: &str) -> (Vec<String>, String) {
    let mut lines = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let (mut commands, mut message) = (Vec::new(), String::new());
    stream.write_all(b"220 test ESMTP\r\n").unwrap();
    while let Some(command) = lines.next() {
        let verb = command.split([' ', ':']).next().unwrap().to_owned();
        let answer = match verb.as_str() {
            "EHLO" => "250-test\r\n250 SIZE 1000000",
            "RCPT" => to_recipient,
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        stream
            .write_all(format!("{answer}\r\n").as_bytes())
            .unwrap();
        commands.push(command);
        if verb == "DATA" {
            for line in lines.by_ref().take_while(|line| line != ".") {
                message.push_str(line.strip_prefix('.').unwrap_or(&line));
                message.push('\n');
            }
            stream.write_all(b"250 taken\r\n").unwrap();
        }
        if verb == "QUIT" {
            break;
        }
    }
    (commands, message)
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let prefix = format!("{name}: ");
    message
        .lines()
        .find_map(|line| line.strip_prefix(prefix.as_str()))
        .unwrap_or_default()
}

/// Undoes quoted-printable and base64, as a mail program does.
fn decoded_body(message: &str) -> String {
    let (_, body) = message.split_once("\n\n").unwrap();
    match header(message, "Content-Transfer-Encoding") {
        "quoted-printable" => quoted_printable(&body.replace("=\n", "")),
        "base64" => String::from_utf8(base64(&body.replace('\n', ""))).unwrap(),
        "7bit" | "8bit" => body.to_owned(),
        other => panic!("an encoding nobody reads: {other}"),
    }
}

fn quoted_printable(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in text.chars().filter_map(|c| DIGITS.find(c)) {
        held = (held << 6) | u32::try_from(digit).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    bytes
}

/// Undoes RFC 2047's encoded words in UTF-8.
fn decoded_subject(message: &str) -> String {
    let raw = header(message, "Subject");
    let words = raw
        .split(' ')
        .map(|word| match word.strip_prefix("=?utf-8?b?") {
            Some(word) => String::from_utf8(base64(word.trim_end_matches("?="))).unwrap(),
            None => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_letter_goes_out_by_smtp_and_can_be_read_at_the_other_end() {
    let folder = TempDir::new().unwrap();
    let (port, talk) = server("250 ok");
    let app = app(&folder, &settings(port));
    post(&app, "asa@example.test", "receipt/avcan_1/1");
    assert_eq!(deliver_due(&app).unwrap(), 1);
    let (commands, message) = talk.join().unwrap();
    let verbs: Vec<&str> = commands
        .iter()
        .map(|line| line.split([' ', ':']).next().unwrap())
        .collect();
    assert_eq!(verbs, ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]);
    assert!(
        commands[1].starts_with("MAIL FROM:<billing@example.test>"),
        "{commands:?}"
    );
    assert!(
        commands[2].starts_with("RCPT TO:<asa@example.test>"),
        "{commands:?}"
    );
    assert_eq!(header(&message, "From"), "Butiken <billing@example.test>");
    assert_eq!(header(&message, "To"), "asa@example.test");
    assert_eq!(header(&message, "Date"), "Sun, 22 Nov 2026 12:00:00 +0000");
    assert_eq!(
        header(&message, "Content-Type"),
        "text/plain; charset=utf-8"
    );
    assert_eq!(header(&message, "Auto-Submitted"), "auto-generated");
    assert_eq!(decoded_subject(&message), "Kvitto på din uppsägning");
    let expected = "Hej!\n\nDu får 249,00 kr tillbaka.\n.\nEn ensam punkt ovanför.\n";
    assert_eq!(
        decoded_body(&message).replace('\r', "").trim_end(),
        expected.trim_end()
    );
    assert!(waiting(&app).is_empty());
}

#[test]
fn a_letter_put_in_the_post_twice_goes_out_once() {
    let folder = TempDir::new().unwrap();
    let (port, talk) = server("250 ok");
    let app = app(&folder, &settings(port));
    post(&app, "asa@example.test", "receipt/avcan_1/1");
    post(&app, "asa@example.test", "receipt/avcan_1/1");
    assert_eq!(deliver_due(&app).unwrap(), 1);
    assert_eq!(deliver_due(&app).unwrap(), 0);
    talk.join().unwrap();
}

#[test]
fn a_letter_that_is_not_taken_waits_and_says_why() {
    let folder = TempDir::new().unwrap();
    let (port, talk) = server("450 mailbox is busy");
    let app = app(&folder, &settings(port));
    post(&app, "asa@example.test", "receipt/avcan_1/1");
    assert_eq!(deliver_due(&app).unwrap(), 0);
    talk.join().unwrap();
    let mail = waiting(&app).pop().unwrap();
    assert_eq!((mail.state.as_str(), mail.attempts), ("waiting", 1));
    assert_eq!(
        mail.due_at,
        Some(noon().saturating_add_seconds(60).as_micros())
    );
    assert!(mail.error.unwrap().contains("mailbox is busy"));
}

#[test]
fn ten_attempts_with_longer_and_longer_waits_are_made_before_a_letter_is_given_up() {
    let folder = TempDir::new().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let app = app(&folder, &settings(nobody));
    post(&app, "asa@example.test", "receipt/avcan_1/1");
    let mut waits = Vec::new();
    while let Some(mail) = waiting(&app).pop() {
        let due = mail.due_at.unwrap();
        waits.push((due - app.clock.now().as_micros()) / 60_000_000);
        app.clock.set(Timestamp::from_micros(due).unwrap());
        assert_eq!(deliver_due(&app).unwrap(), 0);
        assert!(waits.len() < 20, "never given up");
    }
    assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256]);
    assert_eq!(wait_s(100), WAIT_MAX_S);
}

#[test]
fn an_address_that_cannot_be_read_is_given_up_at_once_and_holds_up_nobody() {
    let folder = TempDir::new().unwrap();
    let (port, talk) = server("250 ok");
    let app = app(&folder, &settings(port));
    post(&app, "not an address", "receipt/avcan_1/1");
    post(&app, "asa@example.test", "receipt/avcan_2/1");
    assert_eq!(deliver_due(&app).unwrap(), 1);
    talk.join().unwrap();
    assert!(waiting(&app).is_empty());
}

#[test]
fn a_letter_being_sent_is_left_alone_and_taken_up_again_after_a_stop() {
    let folder = TempDir::new().unwrap();
    let app = app(&folder, "");
    post(&app, "asa@example.test", "receipt/avcan_1/1");
    assert_eq!(claim(&app).unwrap().unwrap().attempts, 1);
    assert_eq!(claim(&app).unwrap(), None);
    app.clock.set(noon().saturating_add_seconds(CLAIM_S));
    assert_eq!(claim(&app).unwrap().unwrap().attempts, 2);
}

#[test]
fn without_a_mail_server_letters_wait_untouched() {
    let folder = TempDir::new().unwrap();
    let app = app(&folder, "");
    post(&app, "asa@example.test", "receipt/avcan_1/1");
    assert_eq!(deliver_due(&app).unwrap(), 0);
    assert_eq!(waiting(&app).pop().unwrap().attempts, 0);
}

#[test]
fn a_password_asks_for_encryption_where_the_setting_says_nothing() {
    assert_eq!(
        guarded("smtp://u:p@host:587"),
        "smtp://u:p@host:587?tls=opportunistic"
    );
    for as_it_is in [
        "smtp://host:25",
        "smtps://u:p@host",
        "smtp://u:p@host?tls=required",
    ] {
        assert_eq!(guarded(as_it_is), as_it_is);
    }
}
