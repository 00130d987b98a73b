//! The requests of the READMEs, which the test `pages::readme` of `e2e` runs: each is one that a route answers, with a body that is JSON, and
//! both READMEs show the same.

use crate::blocks::root;
use crate::requests::{asked, between, readmes, requests};

/// The routes of the reference: method and path.
fn routes() -> Vec<(String, String)> {
    let table = std::fs::read_to_string(root().join("docs/reference/routes.md")).unwrap();
    let named = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    named.filter_map(|(route, _)| route.split_once(' ')).map(|(m, p)| (m.to_owned(), p.to_owned())).collect()
}

/// Whether a path is one of a route's: what the reader puts in and what the route leaves open are anything.
fn fits(path: &str, route: &str) -> bool {
    let (given, wanted): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), route.split('/').collect());
    given.len() == wanted.len()
        && given.iter().zip(wanted).all(|(given, wanted)| *given == wanted || wanted.starts_with('{'))
}

fn problem(request: &str, routes: &[(String, String)]) -> Option<String> {
    let (method, path) = asked(request);
    let path = path.split('?').next().unwrap_or_default();
    if !routes.iter().any(|(of, route)| of == method && fits(path, route)) {
        return Some(format!("no route answers {method} {path}"));
    }
    let body = between(request, "-d '", '\'')?;
    serde_json::from_str::<serde_json::Value>(body).err().map(|error| format!("{body}: {error}"))
}

#[test]
fn every_request_of_a_readme_has_its_route() {
    let routes = routes();
    for page in readmes() {
        let requests = requests(&page);
        assert!(requests.len() > 30, "{}: the requests are found", page.display());
        let problems: Vec<String> = requests.iter().filter_map(|request| problem(request, &routes)).collect();
        assert!(problems.is_empty(), "{}\n{}", page.display(), problems.join("\n"));
    }
}

#[test]
fn both_readmes_show_the_same_requests() {
    let [english, portuguese] = readmes().map(|page| requests(&page));
    assert_eq!(english, portuguese);
}

#[test]
fn a_request_without_a_route_or_a_body_is_found() {
    let routes = [("POST".to_owned(), "/v2/tokens/{token_id}/rotate".to_owned())];
    let problem = |request: &str| problem(request, &routes);
    assert_eq!(problem(r#"curl -X POST "$API/v2/tokens/$TOKEN_ID/rotate" -d '{}'"#), None);
    assert_eq!(problem(r#"curl "$API/v2/tokens/1/rotate?x=1" -d '{}'"#), None);
    assert!(problem(r#"curl "$API/v2/tokens/1/rotate""#).is_some(), "the method is another");
    assert!(problem(r#"curl -X POST "$API/v2/token/1/rotate""#).is_some());
    assert!(problem(r#"curl -X POST "$API/v2/tokens/1/rotate" -d '{"a"}'"#).is_some());
}
