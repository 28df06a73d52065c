use super::*;
use actix_web::http::header::HeaderValue;

fn fields(body: &str) -> Fields {
    Fields::parse(body.as_bytes()).unwrap()
}

fn refusal(result: Result<impl fmt::Debug, Problem>) -> (Code, String) {
    let problem = result.unwrap_err();
    let body = problem.response("/x", "r1").into_body();
    let bytes = actix_web::body::MessageBody::try_into_bytes(body).unwrap();
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    (problem.code(), json["detail"].as_str().unwrap().to_owned())
}

#[test]
fn a_field_nobody_knows_is_refused_by_name() {
    let (code, detail) =
        refusal(fields(r#"{"charge":"ch_1","amount":5}"#).only(&["charge", "reason"]));
    assert_eq!(code, Code::InvalidBody);
    assert_eq!(
        detail,
        r#""amount" is not a field of this request; those are charge, reason."#
    );
    assert!(
        fields(r#"{"charge":"ch_1"}"#)
            .only(&["charge", "reason"])
            .is_ok()
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_by_its_field_s_name() {
    let mut body =
        fields(r#"{"ordered":"3","delivered":1.5,"completed":1,"charge":7,"reason":""}"#);
    assert_eq!(
        refusal(body.required_integer("ordered")).1,
        "ordered must be a whole number."
    );
    assert_eq!(
        refusal(body.required_integer("delivered")).1,
        "delivered must be a whole number."
    );
    assert_eq!(
        refusal(body.flag("completed")).1,
        "completed must be true or false."
    );
    assert_eq!(
        refusal(body.required_text("charge")).1,
        "charge must be a text."
    );
    assert_eq!(
        refusal(body.text("reason")).1,
        "reason must be a text of 1 to 2000 characters."
    );
    assert_eq!(
        refusal(body.required_text("subscription")).1,
        "subscription is missing."
    );
}

#[test]
fn null_means_that_a_field_is_left_out() {
    let mut body = fields(r#"{"reason":null,"completed":null,"requested_at":null}"#);
    assert_eq!(body.text("reason").unwrap(), None);
    assert_eq!(body.flag("completed").unwrap(), None);
    assert_eq!(body.time("requested_at").unwrap(), None);
}

#[test]
fn a_name_given_twice_is_refused_rather_than_one_of_them_chosen() {
    let (code, detail) = refusal(Fields::parse(br#"{"refund":"none","refund":"policy"}"#));
    assert_eq!(code, Code::InvalidBody);
    assert!(detail.contains(r#""refund" is given twice"#), "{detail}");
}

#[test]
fn only_one_json_object_is_a_body() {
    for bad in [
        "",
        "[]",
        "null",
        "7",
        "{} {}",
        "{\"a\":}",
        "\u{feff}{}",
        "a=b",
    ] {
        assert_eq!(
            refusal(Fields::parse(bad.as_bytes())).0,
            Code::InvalidBody,
            "{bad:?}"
        );
    }
}

#[test]
fn text_with_a_nul_is_refused_before_a_database_sees_it() {
    let (code, detail) = refusal(fields(r#"{"reason":"a\u0000b"}"#).text("reason"));
    assert_eq!(
        (code, detail.starts_with("reason: ")),
        (Code::InvalidParameter, true)
    );
}

#[test]
fn a_form_or_a_compressed_body_is_not_json() {
    let with = |name: header::HeaderName, value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        expect_json(&headers).map_err(|problem| problem.code())
    };
    assert_eq!(
        with(header::CONTENT_TYPE, "application/json; charset=utf-8"),
        Ok(())
    );
    assert_eq!(
        with(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
        Err(Code::UnsupportedMediaType)
    );
    assert_eq!(
        with(header::CONTENT_ENCODING, "gzip"),
        Err(Code::UnsupportedContentEncoding)
    );
    assert!(expect_json(&HeaderMap::new()).is_ok());
}
