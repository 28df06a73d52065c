//! A browser without JavaScript, and what every page of the account must be.

use crate::serving::{Served, now};
use crate::wire::Reply;
use serde_json::{Value, json};

/// A browser that is signed in.
pub struct Visitor<'a> {
    pub served: &'a Served,
    pub cookie: String,
}

pub fn link(served: &Served, customer: &str, more: Value) -> String {
    let mut body = json!({ "customer": customer });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let session = served.post("/v1/portal-sessions", &body).expect(201);
    assert_eq!(session.as_object().unwrap().len(), 2, "{session}");
    let expires =
        avstem_domain::time::Timestamp::parse_rfc3339(session["expires_at"].as_str().unwrap())
            .unwrap();
    let seconds = expires.unix_seconds() - now().unix_seconds();
    assert!(
        (590..=600).contains(&seconds),
        "a link lives ten minutes, and this one {seconds} s"
    );
    let url = session["url"].as_str().unwrap();
    url[url.find("/account/enter/").unwrap()..].to_owned()
}

impl<'a> Visitor<'a> {
    pub fn enter(served: &'a Served, customer: &str, locale: &str) -> Self {
        let link = link(
            served,
            customer,
            json!({ "locale": locale, "return_url": "https://shop.example/me" }),
        );
        let entered = served.send("GET", &link, &[], b"");
        assert_eq!(
            (entered.status, entered.header("location")),
            (303, Some("/account"))
        );
        let set = entered.header("set-cookie").unwrap();
        Self {
            served,
            cookie: set.split(';').next().unwrap().to_owned(),
        }
    }

    pub fn ask(&self, path: &str) -> Reply {
        self.served
            .send("GET", path, &[("cookie", &self.cookie)], b"")
    }

    /// The text of a page that must be whole and well-behaved.
    #[track_caller]
    pub fn page(&self, path: &str, lang: &str) -> String {
        let reply = self.ask(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        check_page(&reply, lang);
        reply.text().to_owned()
    }

    pub fn submit(&self, path: &str, headers: &[(&str, &str)], form: &str) -> Reply {
        let mut all = vec![
            ("cookie", self.cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        all.extend(headers);
        self.served.send("POST", path, &all, form.as_bytes())
    }

    pub fn form_token(&self) -> String {
        value_of(&self.page_any("/account"), "form_token")
    }

    pub fn page_any(&self, path: &str) -> String {
        let reply = self.ask(path);
        assert_eq!(reply.status, 200, "{path}");
        reply.text().to_owned()
    }

    /// Our id of the customer's only subscription, as the overview links to it.
    pub fn subscription(&self) -> String {
        let html = self.page_any("/account");
        let (_, rest) = html.split_once("/account/subscriptions/").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The value of a hidden input.
pub fn value_of(html: &str, name: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name}"));
    rest.split('"').next().unwrap().to_owned()
}

/// What every page must be: in a language, titled, one heading, labelled inputs, no scripts, and
/// headers that make the browser careful.
#[track_caller]
pub fn check_page(reply: &Reply, lang: &str) {
    let html = reply.text();
    assert_eq!(
        reply.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(html.contains(&format!("<html lang=\"{lang}\">")), "{html}");
    let title = html
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .unwrap()
        .0;
    assert!(!title.trim().is_empty());
    assert_eq!(html.matches("<h1>").count(), 1, "{html}");
    let lower = html.to_lowercase();
    for forbidden in [
        "<script",
        "javascript:",
        " onclick",
        " onload",
        " onerror",
        " style=",
        "<iframe",
    ] {
        assert!(!lower.contains(forbidden), "{forbidden} in {html}");
    }
    for (start, _) in html.match_indices("<input ") {
        let tag = &html[start..start + html[start..].find('>').unwrap()];
        let labelled = html[..start]
            .rfind("<label")
            .is_some_and(|open| !html[open..start].contains("</label>"));
        assert!(
            tag.contains("type=\"hidden\"") || labelled,
            "an input without a label: {tag}"
        );
    }
    // Nothing is loaded from elsewhere; the way back to the shop is a link, not a load.
    for source in [
        "src=\"http",
        "<link rel=\"stylesheet\" href=\"http",
        "@import",
        "url(",
    ] {
        assert!(!lower.contains(source), "{source}");
    }
    let policy = reply.header("content-security-policy").unwrap();
    for rule in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}
