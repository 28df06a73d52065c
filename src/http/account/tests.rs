use super::page::Cookie;
use super::session::Transport;
use super::*;
use crate::store::rows::Subscription;
use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use secrecy::SecretString;

const SV: Speech = Speech {
    locale: Locale::Sv,
    zone: chrono_tz::Europe::Stockholm,
};

fn every(count: i64, unit: &str) -> Subscription {
    Subscription {
        id: "avsub_1".to_owned(),
        connection: "stripe".to_owned(),
        provider_id: "sub_1".to_owned(),
        customer_id: "avcus_1".to_owned(),
        status: "active".to_owned(),
        plan: None,
        price: Some(24_900),
        currency: Some("SEK".to_owned()),
        interval_unit: Some(unit.to_owned()),
        interval_count: Some(count),
        period_start: None,
        period_end: None,
        trial_end: None,
        renewal: "renews".to_owned(),
        cancel_at: None,
        canceled_at: None,
        ended_at: None,
        created_at: 0,
        version: String::new(),
        seen_renewing_at: None,
    }
}

#[test]
fn prices_say_how_often_they_are_paid() {
    let price = |row: &Subscription| charge::price(row, SV).unwrap().unwrap();
    assert_eq!(price(&every(1, "month")), "249,00 kr per månad");
    assert_eq!(price(&every(3, "month")), "249,00 kr för 3 månader");
    assert_eq!(price(&every(2, "year")), "249,00 kr för 2 år");
    let without = Subscription {
        interval_unit: None,
        ..every(1, "month")
    };
    assert_eq!(price(&without), "249,00 kr");
}

#[test]
fn a_subscription_without_a_plans_name_is_called_what_it_is() {
    assert_eq!(charge::name(&every(1, "month"), SV), "Prenumeration");
    let blank = Subscription {
        plan: Some(" ".to_owned()),
        ..every(1, "month")
    };
    assert_eq!(charge::name(&blank, SV), "Prenumeration");
}

#[actix_web::test]
async fn every_page_forbids_scripts_frames_and_keeping_and_names_its_language() {
    let response = Trouble::LinkUsed.answer(&Frame::of_stranger(SV)).response();
    assert_eq!(response.status(), StatusCode::GONE);
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'self';"));
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "no-store");
    let body = to_bytes(response.into_body()).await.unwrap();
    let html = std::str::from_utf8(&body).unwrap();
    assert!(html.contains("<html lang=\"sv\">"));
    assert!(html.contains("<h1>Länken går inte att använda</h1>"));
    assert!(!html.contains("<script"));
}

#[test]
fn entering_sets_the_cookie_on_the_way_to_the_account() {
    let token = SecretString::from("abc");
    let response = Answer::to("/account")
        .with(Cookie::Set(token))
        .over(Transport::Encrypted)
        .response();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        response.headers().get(header::LOCATION).unwrap(),
        "/account"
    );
    let cookie = response
        .headers()
        .get(header::SET_COOKIE)
        .unwrap()
        .to_str()
        .unwrap();
    assert!(cookie.starts_with("__Secure-avstem_account=abc; Path=/account; HttpOnly;"));
}

#[test]
fn a_trouble_of_each_kind_has_its_own_title_or_words() {
    let all = [
        Trouble::SignedOut,
        Trouble::LinkUsed,
        Trouble::NotFound,
        Trouble::FormUnreadable,
        Trouble::FormForged,
        Trouble::ProviderUnavailable,
        Trouble::ProviderNotConfigured,
        Trouble::Failed,
    ];
    let statuses: Vec<u16> = all
        .iter()
        .map(|trouble| {
            trouble
                .answer(&Frame::of_stranger(SV))
                .response()
                .status()
                .as_u16()
        })
        .collect();
    assert_eq!(statuses, [401, 410, 404, 400, 403, 503, 503, 500]);
}
