//! Letters: put in the post in the transaction that they tell of, and carried out afterwards by SMTP.
//!
//! A letter is sent at least once. Should it be sent twice, both carry the same Message-ID, by which
//! mail programs show one.

use super::receipt::Letter;
use super::receive_webhook::hex;
use super::{App, Failure};
use crate::config::Email;
use crate::store::WriteTx;
use crate::store::rows::Mail;
use avstem_domain::time::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::{SmtpTransport, Transport};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};

/// Letters sent in one go, so that other work gets its turn.
const BATCH_MAX: usize = 50;
/// After this many attempts a letter is given up.
const ATTEMPTS_MAX: i64 = 10;
const WAIT_MIN_S: i64 = 60;
const WAIT_MAX_S: i64 = 6 * 60 * 60;
/// How long nobody else takes up a letter that is being sent. Far longer than an SMTP conversation,
/// of which each step may take [`STEP_MAX`].
const CLAIM_S: i64 = 15 * 60;
const STEP_MAX: Duration = Duration::from_secs(30);
/// What is kept of a mail server's complaint, in characters.
const ERROR_CHARS_MAX: usize = 300;

/// Puts a letter in the post, once for each `dedupe_key`.
pub fn enqueue(
    tx: &mut WriteTx<'_>,
    recipient: &str,
    letter: &Letter,
    dedupe_key: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    tx.post_mail(&Mail {
        dedupe_key: dedupe_key.to_owned(),
        recipient: recipient.to_owned(),
        subject: letter.subject.clone(),
        body: letter.body.clone(),
        state: "waiting".to_owned(),
        attempts: 0,
        error: None,
        due_at: Some(now.as_micros()),
        created_at: now.as_micros(),
    })?;
    Ok(())
}

/// Sends letters that are due, and says how many were sent. Sends nothing when e-mail is not set up:
/// the letters wait until it is. Errors when the settings cannot be used; a letter that a server did
/// not take is no error, but waits for its next attempt.
pub fn deliver_due(app: &App) -> Result<usize, Failure> {
    let Some(email) = &app.config.email else {
        return Ok(0);
    };
    let post = Post::open(email)?;
    let mut sent = 0;
    for _ in 0..BATCH_MAX {
        let Some(mail) = claim(app)? else { break };
        let outcome = post.send(&mail, app.clock.now());
        let done = settled(mail, &outcome, app.clock.now());
        app.store.write(|tx| tx.save_mail(&done))?;
        let key = &done.dedupe_key;
        match outcome {
            Outcome::Sent => sent += 1,
            Outcome::Hopeless(why) | Outcome::NotTaken(why) => {
                tracing::warn!(mail = %key, state = %done.state, "Letter {key} was not sent: {why}");
            }
            Outcome::NoServer(why) => {
                tracing::warn!(mail = %key, state = %done.state, "Letter {key} was not sent: {why}");
                // The others would fare no better.
                break;
            }
        }
    }
    Ok(sent)
}

/// Takes the letter that has waited longest, and counts the attempt before it is made: a stop in the
/// middle of it counts too.
fn claim(app: &App) -> Result<Option<Mail>, Failure> {
    let now = app.clock.now();
    app.store.write(|tx| {
        let Some(mut mail) = tx.mails_due(now.as_micros(), 1)?.pop() else {
            return Ok(None);
        };
        mail.attempts = mail.attempts.saturating_add(1);
        mail.due_at = Some(now.saturating_add_seconds(CLAIM_S).as_micros());
        tx.save_mail(&mail)?;
        Ok(Some(mail))
    })
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Sent,
    /// It can never be sent as it is.
    Hopeless(String),
    /// The server did not take it this time.
    NotTaken(String),
    /// There was no talking to the server.
    NoServer(String),
}

/// The letter after an attempt.
fn settled(mut mail: Mail, outcome: &Outcome, now: Timestamp) -> Mail {
    let (state, error) = match outcome {
        Outcome::Sent => ("sent", None),
        Outcome::Hopeless(why) => ("failed", Some(why)),
        Outcome::NotTaken(why) | Outcome::NoServer(why) if mail.attempts >= ATTEMPTS_MAX => {
            ("failed", Some(why))
        }
        Outcome::NotTaken(why) | Outcome::NoServer(why) => ("waiting", Some(why)),
    };
    let next = now
        .saturating_add_seconds(wait_s(mail.attempts))
        .as_micros();
    mail.due_at = (state == "waiting").then_some(next);
    mail.error = error.cloned();
    mail.state = state.to_owned();
    mail
}

/// Seconds until the next attempt after this many: 1 min, 2 min, 4 min … 6 h.
fn wait_s(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(0)
        .min(20);
    WAIT_MIN_S
        .saturating_mul(1_i64 << doublings)
        .min(WAIT_MAX_S)
}

/// A mail server and who writes.
struct Post {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Post {
    fn open(email: &Email) -> Result<Self, Failure> {
        let from = email
            .from
            .parse()
            .map_err(|e| Failure::unreadable("email.from", e))?;
        let url = guarded(email.smtp_url.expose_secret());
        // The error is left out: it may repeat the password.
        let transport = SmtpTransport::from_url(&url)
            .map_err(|_| {
                Failure::unreadable("email.smtp_url", "write smtps://user:password@host:port")
            })?
            .timeout(Some(STEP_MAX))
            .build();
        Ok(Self { transport, from })
    }

    fn send(&self, mail: &Mail, now: Timestamp) -> Outcome {
        let message = match self.message(mail, now) {
            Ok(message) => message,
            Err(why) => return Outcome::Hopeless(shortened(&why)),
        };
        match self.transport.send(&message) {
            Ok(_) => Outcome::Sent,
            Err(error) if error.is_response() || error.is_permanent() || error.is_transient() => {
                Outcome::NotTaken(shortened(&error.to_string()))
            }
            Err(error) => Outcome::NoServer(shortened(&error.to_string())),
        }
    }

    fn message(&self, mail: &Mail, now: Timestamp) -> Result<Message, String> {
        let to: Mailbox = mail
            .recipient
            .parse()
            .map_err(|_| "the address cannot be read".to_owned())?;
        let digest = hex(&Sha256::digest(mail.dedupe_key.as_bytes()));
        let micros = u64::try_from(now.as_micros()).unwrap_or(0);
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.as_str())
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
            .message_id(Some(format!("<{digest}@{}>", self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .map_err(|error| error.to_string())?;
        // Keeps holiday answers from being sent back (RFC 3834).
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        message
            .headers_mut()
            .insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
        Ok(message)
    }
}

/// `smtp://` with a user encrypts where the server offers it, so that the password is not sent in the
/// clear; `?tls=required` in the setting insists on it.
fn guarded(url: &str) -> String {
    if url.starts_with("smtp://") && url.contains('@') && !url.contains("tls=") {
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}tls=opportunistic")
    } else {
        url.to_owned()
    }
}

fn shortened(why: &str) -> String {
    why.chars().take(ERROR_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests;
