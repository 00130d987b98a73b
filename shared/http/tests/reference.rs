//! docs/reference/routes.md is the route table. `UPDATE_DOCS=1 cargo test -p carteiro-http --test reference` writes it anew.

#![allow(clippy::unwrap_used, reason = "a test")]

use carteiro_http::routes::{Access, ROUTES, Style};
use std::fmt::Write;
use std::path::Path;

fn table() -> String {
    let mut text = String::from(
        "# Routes\n\n\
         <!-- Generated: `UPDATE_DOCS=1 cargo test -p carteiro-http --test reference` writes this page anew. -->\n\n\
         From the table in [routes.rs](../../shared/http/src/routes.rs), which the functions are checked against when they are built and\n\
         [template.yaml](../../template.yaml) by a test. What each takes and answers stands at `/docs` of every deployment, a page, and at\n\
         `/openapi.json`. All paths also answer under `/api`, those of V1 also under `/v1` and `/api/v1`.\n\n\
         **Who may**: `tenant (scope)` takes a JWT in `Authorization: Bearer`, or a JWT or an API token of that scope in `token`; `operator` the\n\
         operator's token in `api-token`; `anyone` nothing. Requests are counted by the group of routes: see `Rates` among the\n\
         [parameters](parameters.md).\n",
    );
    for (style, title) in [(Style::V2, "V2"), (Style::V1, "V1: Api Premium")] {
        let _ = write!(text, "\n## {title}\n\n| route | who may | group | function |\n|---|---|---|---|\n");
        for route in ROUTES.iter().filter(|route| route.style == style) {
            let access = match route.access {
                Access::Public => "anyone".to_owned(),
                Access::Operator => "operator".to_owned(),
                Access::Tenant(scope) => format!("tenant (`{}`)", scope.as_str()),
            };
            let (function, group) = (route.function.name(), route.function.group());
            let _ = writeln!(
                text,
                "| `{} {}` | {access} | {group} | [{function}](../../functions/{function}) |",
                route.method, route.path
            );
        }
    }
    text
}

#[test]
fn the_documentation_has_every_route() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/routes.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, table()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == table(), "docs/reference/routes.md is not the route table; see the top of this test");
}
