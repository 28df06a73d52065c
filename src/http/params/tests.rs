use super::*;
use crate::http::schema::words;
use actix_web::body::MessageBody;

fn detail(problem: &Problem) -> String {
    let bytes = problem
        .response("/x", "r1")
        .into_body()
        .try_into_bytes()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    json["detail"].as_str().unwrap().to_owned()
}

fn parse(query: &str) -> Params {
    Params::parse(query, &["state", "from", "to", "limit", "cursor"]).unwrap()
}

#[test]
fn a_parameter_nobody_knows_is_refused_by_name() {
    let problem = Params::parse("stat=failed", &["state", "limit"]).unwrap_err();
    assert_eq!(problem.code(), Code::InvalidParameter);
    assert_eq!(
        detail(&problem),
        r#""stat" is not a query parameter of this route; it takes state, limit."#
    );
}

#[test]
fn a_parameter_given_twice_is_refused_rather_than_one_of_them_chosen() {
    let problem = Params::parse("state=a&state=b", &["state"]).unwrap_err();
    assert_eq!(detail(&problem), "state: it is given twice.");
}

#[test]
fn an_empty_value_means_the_same_as_none() {
    assert_eq!(parse("state=&limit=").get("state"), None);
    assert_eq!(parse("state=a+b").get("state"), Some("a b"));
}

#[test]
fn a_word_outside_the_list_is_answered_with_the_list() {
    let state = |query: &str| parse(query).one_of::<words::StopMode>("state");
    assert_eq!(
        state("state=immediate").unwrap().as_deref(),
        Some("immediate")
    );
    let problem = state("state=Immediate").unwrap_err();
    assert_eq!(
        detail(&problem),
        "state: it is one of immediate, at_period_end."
    );
}

#[test]
fn a_page_has_1_to_100_rows() {
    for (query, limit) in [
        ("", Some(50)),
        ("limit=1", Some(1)),
        ("limit=100", Some(100)),
    ] {
        assert_eq!(
            parse(query).page("avevt").ok().map(|page| page.limit),
            limit
        );
    }
    for bad in ["limit=0", "limit=101", "limit=-1", "limit=ten", "limit=1.0"] {
        let problem = parse(bad).page("avevt").unwrap_err();
        assert_eq!(problem.code(), Code::InvalidParameter, "{bad}");
    }
}

#[test]
fn a_cursor_is_an_id_of_the_list_it_is_for() {
    let id = "avevt_0198aaaabbbb7cccaddd000000000001";
    let page = parse(&format!("cursor={id}")).page("avevt").unwrap();
    assert_eq!(page.before.as_deref(), Some(id));
    for bad in [
        "x",
        "avevt_",
        "avevt_12",
        "avch_0198aaaabbbb7cccaddd000000000001",
        &id.to_uppercase(),
    ] {
        let problem = parse(&format!("cursor={bad}")).page("avevt").unwrap_err();
        assert_eq!(problem.code(), Code::InvalidCursor, "{bad}");
    }
}

#[test]
fn days_are_inclusive_and_local() {
    let days = parse("from=2026-07-01&to=2026-07-01").days().unwrap();
    let (from, to) = days.instants(chrono_tz::Europe::Stockholm);
    assert_eq!(from.unwrap().to_rfc3339(), "2026-06-30T22:00:00Z");
    assert_eq!(to.unwrap().to_rfc3339(), "2026-07-01T22:00:00Z");
}

#[test]
fn what_is_not_a_day_is_refused() {
    for bad in [
        "from=2026-02-30",
        "to=2026-1-2",
        "from=today",
        "from=2026-07-02&to=2026-07-01",
    ] {
        assert_eq!(
            parse(bad).days().unwrap_err().code(),
            Code::InvalidParameter,
            "{bad}"
        );
    }
}

#[test]
fn a_nul_never_reaches_the_database() {
    let problem = Params::parse("state=%00", &["state"]).unwrap_err();
    assert_eq!(problem.code(), Code::InvalidParameter);
}

#[test]
fn a_part_of_the_path_is_decoded_and_names_nothing_when_it_cannot_be_an_id() {
    let part = |text: &'static str| {
        let request = actix_web::test::TestRequest::default().param("id", text);
        path_part(&request.to_http_request(), "customer").map_err(|problem| problem.code())
    };
    assert_eq!(part("cus_1").as_deref(), Ok("cus_1"));
    assert_eq!(part("a%2Fb").as_deref(), Ok("a/b"));
    let long: &'static str = Box::leak("x".repeat(256).into_boxed_str());
    for bad in ["", "%00", "a b", "%C3%A5", "%FF", long] {
        assert_eq!(part(bad), Err(Code::NotFound), "{bad:?}");
    }
}
