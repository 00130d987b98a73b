//! The route table and the HttpApi events of template.yaml are the same.

use carteiro_http::routes::ROUTES;
use std::collections::BTreeSet;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The value after `key:` in a line, without quotes.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line.split_once(&format!("{key}: "))?.1;
    let end = rest.find([',', '}']).filter(|_| !rest.starts_with('"'));
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => Some(end.map_or(rest, |end| &rest[..end]).trim()),
    }
}

/// Every event with a method and a path, and the binary of the function that it stands in.
fn declared() -> BTreeSet<(String, String, String)> {
    let (mut binary, mut routes) = ("", BTreeSet::new());
    for line in TEMPLATE.lines() {
        if let Some(name) = value(line, "Binary") {
            binary = name;
        }
        if let (true, Some(method), Some(path)) =
            (line.contains("ApiId:"), value(line, "Method"), value(line, "Path"))
        {
            assert!(routes.insert((method.into(), path.into(), binary.into())), "twice: {line}");
        }
    }
    routes
}

#[test]
fn the_template_routes_what_the_functions_serve() {
    let served: BTreeSet<_> = ROUTES
        .iter()
        .flat_map(|route| route.gateway_paths().into_iter().map(move |path| (route, path)))
        .map(|(route, path)| (route.method.to_string(), path, format!("carteiro-{}", route.function.name())))
        .collect();
    let declared = declared();
    let missing: Vec<_> = served.difference(&declared).collect();
    let unserved: Vec<_> = declared.difference(&served).collect();
    assert!(missing.is_empty(), "not in template.yaml: {missing:?}");
    assert!(unserved.is_empty(), "only in template.yaml: {unserved:?}");
}

#[test]
fn what_is_left_goes_to_the_function_that_answers_it() {
    let auth = TEMPLATE.split("AuthFunction:").nth(1).unwrap_or_default();
    let auth = auth.split("\n  AuthLogs:").next().unwrap_or_default();
    let catch_all = auth.lines().filter(|line| line.contains("ApiId:") && value(line, "Path").is_none());
    assert_eq!(catch_all.count(), 1, "the $default route");
}
