//! Who asks: the session cookie, the language before there is a session, and where a form comes from.

use crate::config::{Config, Locale};
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// Browsers keep a cookie of this name from being set over an unencrypted connection.
const SECURE_NAME: &str = "__Secure-avstem_account";
const PLAIN_NAME: &str = "avstem_account";

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a request says of its sender.
pub struct Caller {
    /// The session's token, as the cookie has it.
    pub session: Option<SecretString>,
    pub path: String,
    /// The language to speak while nobody is signed in.
    pub locale: Locale,
    /// Nothing says that the request was started by another site's page.
    pub is_same_origin: bool,
    pub transport: Transport,
}

/// How browsers reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Encrypted,
    Plain,
}

impl Transport {
    fn of(public_url: &str) -> Self {
        if public_url.starts_with("https://") {
            Self::Encrypted
        } else {
            Self::Plain
        }
    }

    fn cookie_name(self) -> &'static str {
        match self {
            Self::Encrypted => SECURE_NAME,
            Self::Plain => PLAIN_NAME,
        }
    }
}

impl Caller {
    pub fn of(request: &HttpRequest, config: &Config) -> Self {
        let (headers, transport) = (request.headers(), Transport::of(&config.public_url));
        Self {
            session: cookie(headers, transport.cookie_name()).map(SecretString::from),
            path: request.path().to_owned(),
            locale: spoken(headers).unwrap_or(config.default_locale),
            is_same_origin: is_same_origin(headers, &config.public_url),
            transport,
        }
    }
}

/// The value of `Set-Cookie` that begins a session.
pub fn set_cookie(transport: Transport, token: &SecretString) -> String {
    written(transport, token.expose_secret(), "")
}

/// The value of `Set-Cookie` that makes the browser forget.
pub fn clear_cookie(transport: Transport) -> String {
    written(transport, "", "; Max-Age=0")
}

/// `Lax`, because the first page is reached from a link on the shop's own site.
fn written(transport: Transport, value: &str, end: &str) -> String {
    let secure = match transport {
        Transport::Encrypted => "; Secure",
        Transport::Plain => "",
    };
    format!(
        "{}={value}; Path=/account; HttpOnly; SameSite=Lax{secure}{end}",
        transport.cookie_name()
    )
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers
        .get_all(header::COOKIE)
        .filter_map(|value| value.to_str().ok());
    let mut pairs = texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(own, value)| *own == name && !value.is_empty())?;
    Some(value.to_owned())
}

/// The first language of `Accept-Language` that we speak; browsers name the best first.
fn spoken(headers: &HeaderMap) -> Option<Locale> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    text.split(',')
        .find_map(|part| Locale::from_tag(part.split(';').next().unwrap_or(part).trim()))
}

/// Whether nothing speaks against the request coming from a page of ours.
///
/// `Origin: null` says nothing: browsers send it for our own forms, because our pages ask them not to
/// tell their address (`Referrer-Policy: no-referrer`). The form's token decides then.
fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("unreadable"))
    };
    let site = text(FETCH_SITE).is_none_or(|site| site == "same-origin");
    let origin = text(header::ORIGIN).is_none_or(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        origin == "null"
            || origin == origin_of(public_url)
            || (host.is_some() && host == text(header::HOST))
    });
    site && origin
}

/// `https://shop.example` of `https://shop.example/billing`.
fn origin_of(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url;
    };
    let host = rest.split('/').next().unwrap_or(rest);
    url.get(..scheme.len() + "://".len() + host.len())
        .unwrap_or(url)
}

/// Compares without telling by its time how much was right.
pub fn same_token(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let append = |request: TestRequest, pair: &(&'static str, &'static str)| {
            request.append_header(*pair)
        };
        pairs
            .iter()
            .fold(TestRequest::default(), append)
            .to_http_request()
            .headers()
            .clone()
    }

    #[test]
    fn cookies_are_for_the_account_page_alone_and_encrypted_where_the_address_is() {
        let token = SecretString::from("abc");
        assert_eq!(
            set_cookie(Transport::of("http://127.0.0.1:8080"), &token),
            "avstem_account=abc; Path=/account; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            set_cookie(Transport::of("https://shop.example"), &token),
            "__Secure-avstem_account=abc; Path=/account; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(clear_cookie(Transport::Plain).starts_with("avstem_account=; "));
        assert!(clear_cookie(Transport::Plain).ends_with("; Max-Age=0"));
    }

    #[test]
    fn our_cookie_is_found_among_others_by_its_whole_name() {
        let sent = headers(&[
            ("cookie", "a=1; xavstem_account=2;avstem_account=3"),
            ("cookie", "b=4"),
        ]);
        assert_eq!(cookie(&sent, PLAIN_NAME).as_deref(), Some("3"));
        assert_eq!(cookie(&sent, SECURE_NAME), None);
        assert_eq!(
            cookie(&headers(&[("cookie", "avstem_account=")]), PLAIN_NAME),
            None
        );
    }

    #[test]
    fn a_stranger_is_spoken_to_in_the_first_language_that_we_know() {
        let spoken = |text| spoken(&headers(&[("accept-language", text)]));
        assert_eq!(
            spoken("de-DE,de;q=0.9,en-GB;q=0.8,sv;q=0.7"),
            Some(Locale::En)
        );
        assert_eq!(spoken("sv-SE"), Some(Locale::Sv));
        assert_eq!(spoken("de"), None);
    }

    #[test]
    fn forms_of_other_sites_are_told_from_ours() {
        let ours = "https://shop.example/billing";
        let same = |pairs| is_same_origin(&headers(pairs), ours);
        assert!(same(&[]));
        assert!(same(&[
            ("origin", "https://shop.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(same(&[
            ("origin", "null"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(same(&[
            ("origin", "http://127.0.0.1:80"),
            ("host", "127.0.0.1:80")
        ]));
        assert!(!same(&[("origin", "https://evil.example")]));
        assert!(!same(&[
            ("origin", "https://shop.example.evil.example"),
            ("host", "shop.example")
        ]));
        assert!(!same(&[
            ("origin", "null"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(!same(&[("sec-fetch-site", "same-site")]));
        assert!(!same(&[("sec-fetch-site", "none")]));
    }

    #[test]
    fn tokens_match_only_as_a_whole() {
        assert!(same_token("abc", "abc"));
        assert!(!same_token("ab", "abc"));
        assert!(!same_token("", "abc"));
    }
}
