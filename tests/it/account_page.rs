//! The account page as a browser without JavaScript sees it.

use crate::browser::{Visitor, check_page, link, value_of};
use crate::company::{Company, ago, company, serve_provider, simulator, subscriber};
use crate::serving::{Database, Served, now, on_both_served, settings_for};
use crate::world::monthly;
use avstem_simulator::Plan;
use serde_json::json;

on_both_served! {
    a_link_signs_its_customer_in_once_and_nobody_gets_in_without,
    a_customer_looks_cancels_and_reads_the_receipt_in_two_languages,
    a_form_counts_only_from_our_own_page,
    nobody_sees_what_belongs_to_another_customer,
    what_others_wrote_is_shown_as_text,
    over_https_the_cookie_is_secure,
}

fn caught_up(database: &Database) -> (Company, Served) {
    crate::http_api::caught_up(database)
}

fn a_link_signs_its_customer_in_once_and_nobody_gets_in_without(database: &Database) {
    let (company, served) = caught_up(database);
    let link = link(&served, &company.ada.customer, json!({}));
    let entered = served.send("GET", &link, &[], b"");
    assert_eq!(
        (entered.status, entered.header("location")),
        (303, Some("/account"))
    );
    let set = entered.header("set-cookie").unwrap();
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/account"] {
        assert!(set.contains(flag), "{set}");
    }
    assert!(
        !set.contains("Secure"),
        "over http a browser would drop it: {set}"
    );
    let cookie = set.split(';').next().unwrap();
    let own = served.send("GET", "/account", &[("cookie", cookie)], b"");
    assert_eq!(own.status, 200);
    // Her own language, which the provider told.
    check_page(&own, "sv");

    let second = served.send("GET", &link, &[], b"");
    assert_eq!((second.status, second.header("set-cookie")), (410, None));
    check_page(&second, "sv");
    let unknown = served.send(
        "GET",
        "/account/enter/0000",
        &[("accept-language", "en-GB,sv;q=0.5")],
        b"",
    );
    assert_eq!(unknown.status, 410);
    check_page(&unknown, "en");
    let id = Visitor {
        served: &served,
        cookie: cookie.to_owned(),
    }
    .subscription();
    for path in [
        "/account".to_owned(),
        format!("/account/subscriptions/{id}"),
        format!("/account/subscriptions/{id}/cancel"),
        "/account/nonsense".to_owned(),
    ] {
        for cookie in ["", "avstem_account=", "avstem_account=0000", "other=1"] {
            let refused = served.send("GET", &path, &[("cookie", cookie)], b"");
            assert_eq!(refused.status, 401, "{path} with {cookie:?}");
            check_page(&refused, "sv");
        }
    }
    // Signing out ends the session for good, not only in this browser.
    let visitor = Visitor {
        served: &served,
        cookie: cookie.to_owned(),
    };
    let left = visitor.submit(
        "/account/leave",
        &[],
        &format!("form_token={}", visitor.form_token()),
    );
    assert_eq!(left.status, 200);
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(visitor.ask("/account").status, 401);
}

fn a_customer_looks_cancels_and_reads_the_receipt_in_two_languages(database: &Database) {
    let (company, served) = caught_up(database);
    let ada = Visitor::enter(&served, &company.ada.customer, "sv");
    let overview = ada.page("/account", "sv");
    assert!(
        overview.contains("Bas") && overview.contains("249,00"),
        "{overview}"
    );
    assert!(overview.contains("https://shop.example/me"));
    let path = format!("/account/subscriptions/{}", ada.subscription());
    let charges = ada.page(&path, "sv");
    for told in ["R2", "R3", "249,00"] {
        assert!(charges.contains(told), "{told}: {charges}");
    }
    let look = ada.page(&format!("{path}/cancel"), "sv");
    let (token, latest) = (
        value_of(&look, "form_token"),
        value_of(&look, "expected_latest_charge"),
    );
    assert!(latest.starts_with("avch_"));
    assert_eq!(
        served.read("/v1/cancellations")["data"],
        json!([]),
        "looking does nothing"
    );

    let stale = ada.submit(
        &format!("{path}/cancel"),
        &[],
        &format!("form_token={token}&refund=policy&expected_latest_charge=ch_other"),
    );
    assert_eq!(stale.status, 409);
    check_page(&stale, "sv");
    let confirmed = ada.submit(
        &format!("{path}/cancel"),
        &[],
        &format!("form_token={token}&refund=policy&expected_latest_charge={latest}"),
    );
    assert_eq!(confirmed.status, 303, "{}", confirmed.text());
    let receipt = confirmed.header("location").unwrap().to_owned();
    let id = receipt.strip_prefix("/account/cancellations/").unwrap();
    let done = served.until(&format!("/v1/cancellations/{id}"), |at| {
        at["state"] == "completed" && at["letter_url"].is_string()
    });
    assert_eq!(done["requested_by"], "customer");
    let latest = company.charges(&company.ada).pop().unwrap();
    assert_eq!(company.provider.simulator().refunds_of(&latest).len(), 1);
    served.caught_up(&company.provider);

    read_the_receipt(&ada, &path, &receipt, &token);
}

/// What there is to read of a finished cancellation, in both languages.
fn read_the_receipt(ada: &Visitor<'_>, path: &str, receipt: &str, token: &str) {
    let id = receipt.strip_prefix("/account/cancellations/").unwrap();
    let swedish = ada.page(receipt, "sv");
    assert!(
        swedish.contains(id) && swedish.contains("249,00"),
        "{swedish}"
    );
    let text = ada.ask(&format!("{receipt}/receipt.txt"));
    assert_eq!(
        (text.status, text.header("content-type")),
        (200, Some("text/plain; charset=utf-8"))
    );
    assert!(text.text().contains(id));
    // Once it is done, looking leads to it, and confirming again makes no second one.
    assert_eq!(
        ada.ask(&format!("{path}/cancel")).header("location"),
        Some(receipt)
    );
    let twice = ada.submit(
        &format!("{path}/cancel"),
        &[],
        &format!("form_token={token}&refund=none"),
    );
    assert_eq!(twice.header("location"), Some(receipt));
    ada.page("/account", "sv");
    ada.page(path, "sv");

    let spoken = ada.submit(
        "/account/language",
        &[],
        &format!("form_token={token}&locale=en&back={receipt}"),
    );
    assert_eq!(
        (spoken.status, spoken.header("location")),
        (303, Some(receipt))
    );
    let english = ada.page(receipt, "en");
    assert_ne!(english, swedish);
    let text_en = ada.ask(&format!("{receipt}/receipt.txt"));
    assert_ne!(text_en.text(), text.text());
    for path in ["/account", path] {
        ada.page(path, "en");
    }
}

fn a_form_counts_only_from_our_own_page(database: &Database) {
    let (company, served) = caught_up(database);
    let ada = Visitor::enter(&served, &company.ada.customer, "en");
    let bo = Visitor::enter(&served, &company.bo.customer, "en");
    let path = format!("/account/subscriptions/{}/cancel", ada.subscription());
    let token = ada.form_token();
    let form = format!("form_token={token}&refund=policy");
    for (wrong, status) in [
        ("refund=policy".to_owned(), 400),
        (String::new(), 400),
        ("form_token=&refund=policy".to_owned(), 403),
        (format!("form_token={}&refund=policy", bo.form_token()), 403),
        (format!("form_token={}&refund=policy", &token[1..]), 403),
        (format!("form_token={token}&refund=everything"), 400),
    ] {
        let refused = ada.submit(&path, &[], &wrong);
        assert_eq!(refused.status, status, "{wrong}");
        check_page(&refused, "en");
    }
    for header in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "http://avstem.test.evil.example"),
    ] {
        assert_eq!(
            ada.submit(&path, &[header], &form).status,
            403,
            "{header:?}"
        );
    }
    let as_json = served.send(
        "POST",
        &path,
        &[
            ("cookie", &ada.cookie),
            ("content-type", "application/json"),
        ],
        b"{}",
    );
    assert_eq!(as_json.status, 400);
    for target in ["/account/leave", "/account/language"] {
        assert_eq!(
            ada.submit(target, &[], "form_token=x&locale=sv&back=/account")
                .status,
            403,
            "{target}"
        );
    }
    assert_eq!(served.read("/v1/cancellations")["data"], json!([]));
    // As a browser sends it from our page, on the host it knows us by.
    let own = [
        ("origin", "http://avstem.test"),
        ("sec-fetch-site", "same-origin"),
    ];
    assert_eq!(ada.submit(&path, &own, &form).status, 303);
}

fn nobody_sees_what_belongs_to_another_customer(database: &Database) {
    let (company, served) = caught_up(database);
    let asked = served.post(
        &format!(
            "/v1/subscriptions/{}/cancellation",
            company.ada.subscription
        ),
        &json!({ "requested_by": "shop" }),
    );
    let hers = asked.expect(202)["id"].as_str().unwrap().to_owned();
    served.until(&format!("/v1/cancellations/{hers}"), |at| {
        at["letter_url"].is_string()
    });
    let (ada, bo) = (
        Visitor::enter(&served, &company.ada.customer, "en"),
        Visitor::enter(&served, &company.bo.customer, "en"),
    );
    let own = ada.subscription();
    ada.page(&format!("/account/cancellations/{hers}"), "en");
    for path in [
        format!("/account/subscriptions/{own}"),
        format!("/account/subscriptions/{}", company.ada.subscription),
        format!("/account/subscriptions/{own}/cancel"),
        format!("/account/cancellations/{hers}"),
        format!("/account/cancellations/{hers}/receipt.txt"),
        "/account/subscriptions/nobodys".to_owned(),
        "/account/nonsense".to_owned(),
    ] {
        let hidden = bo.ask(&path);
        assert_eq!(hidden.status, 404, "{path}");
        check_page(&hidden, "en");
    }
    let path = format!(
        "/account/subscriptions/{}/cancel",
        company.cleo.subscription
    );
    assert_eq!(
        bo.submit(&path, &[], &format!("form_token={}", bo.form_token()))
            .status,
        404
    );
    assert_eq!(
        served.read("/v1/cancellations")["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

fn what_others_wrote_is_shown_as_text(database: &Database) {
    let payload = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>";
    let mut past = simulator(10);
    let plan = Plan {
        name: format!("Plus {payload}"),
        ..monthly()
    };
    let mallory = subscriber(&mut past, ago(3), &format!("Mallory {payload}"), &plan);
    past.advance_to(now());
    let mut provider = serve_provider(past);
    let served = Served::beside(database, &provider);
    served.listen_to(&mut provider);
    let visitor = Visitor::enter(&served, &mallory.customer, "en");
    let path = format!("/account/subscriptions/{}", visitor.subscription());
    let asked = served.post(
        &format!(
            "/v1/subscriptions/{}/cancellation/preview",
            mallory.subscription
        ),
        &json!({}),
    );
    assert_eq!(asked.status, 405);
    let shown = |html: &str| {
        assert!(html.contains("Plus "), "{html}");
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{html}"
        );
    };
    shown(&visitor.page_any("/account"));
    shown(&visitor.page_any(&path));
    let look = visitor.page_any(&format!("{path}/cancel"));
    shown(&look);
    let confirmed = visitor.submit(
        &format!("{path}/cancel"),
        &[],
        &format!("form_token={}", value_of(&look, "form_token")),
    );
    let receipt = confirmed.header("location").unwrap().to_owned();
    let id = receipt.strip_prefix("/account/cancellations/").unwrap();
    served.until(&format!("/v1/cancellations/{id}"), |at| {
        at["letter_url"].is_string()
    });
    shown(&visitor.page_any(&receipt));
}

fn over_https_the_cookie_is_secure(database: &Database) {
    let mut company = company();
    let base = company.provider.base();
    let mut settings = settings_for(&base).to_vec();
    settings.push(("AVSTEM_PUBLIC_URL", "https://shop.example/billing"));
    let served = Served::start(database, &settings);
    served.listen_to(&mut company.provider);
    let session = served
        .post(
            "/v1/portal-sessions",
            &json!({ "customer": company.ada.customer }),
        )
        .expect(201);
    let url = session["url"].as_str().unwrap();
    let path = url.strip_prefix("https://shop.example/billing").unwrap();
    let entered = served.send("GET", path, &[], b"");
    let set = entered.header("set-cookie").unwrap();
    assert!(
        set.contains("; Secure") && set.starts_with("__Secure-"),
        "{set}"
    );
    // A cookie that came over an unencrypted connection is none of ours.
    let plain = set.split(';').next().unwrap().replace("__Secure-", "");
    assert_eq!(
        served
            .send("GET", "/account", &[("cookie", &plain)], b"")
            .status,
        401
    );
    let cookie = set.split(';').next().unwrap();
    assert_eq!(
        served
            .send("GET", "/account", &[("cookie", cookie)], b"")
            .status,
        200
    );
}
